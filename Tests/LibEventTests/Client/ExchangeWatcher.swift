// SPDX-License-Identifier: MIT
import LibEvent
import System
import TestSupport
import WireFormat

/// A loop with one exchange, run by the test until something has happened.
final class ExchangeWatcher: OutgoingExchangeDelegate {
    let exchange: OutgoingExchange
    private(set) var heads: [ResponseHead] = []
    private(set) var body: [UInt8] = []
    private(set) var finished = 0
    private(set) var ends = 0
    private(set) var error: ClientError?
    /// Called at each event, with its name.
    var onEvent: ((String) -> Void)?
    private let loop: EventLoop
    private let alarm: LoopTimer

    init(_ address: ClientAddress, _ limits: OutgoingLimits = OutgoingLimits(each: .seconds(10))) throws {
        loop = try EventLoop()
        let connection = OutgoingConnection(
            to: .addresses([address]), in: try OutgoingContext(on: loop), limits: limits)
        exchange = OutgoingExchange(
            over: connection, limits: AnswerReader.Limits(headBytes: 4096, bodyBytes: nil))
        alarm = try LoopTimer(on: loop, isRepeating: true) {}
        alarm.start(after: .milliseconds(2))
        exchange.delegate = self
        exchange.start()
    }

    /// Runs the loop until `condition` holds.
    func run(_ what: String, within limit: Duration = .seconds(10), until condition: () throws -> Bool) throws {
        let deadline = SystemClock.monotonic() + limit
        while try !condition() {
            guard SystemClock.monotonic() < deadline else { throw WaitError("not within \(limit): \(what)") }
            loop.runTurn()
        }
    }

    /// Runs one turn of the loop.
    func turn() { loop.runTurn() }

    func exchangeOpened(_ exchange: OutgoingExchange) { onEvent?("opened") }

    func exchange(_ exchange: OutgoingExchange, received head: ResponseHead) {
        heads.append(head)
        onEvent?("head")
    }

    func exchange(_ exchange: OutgoingExchange, receivedBody bytes: Span<UInt8>) {
        for index in bytes.indices { body.append(bytes[index]) }
        onEvent?("body")
    }

    func exchangeFinished(_ exchange: OutgoingExchange) {
        finished += 1
        onEvent?("finished")
    }

    func exchange(_ exchange: OutgoingExchange, endedWith error: ClientError?) {
        self.error = error
        ends += 1
        onEvent?("ended")
    }
}
