// SPDX-License-Identifier: MIT
import LibEvent
import System
import WireFormat

/// One connection that sends a camera's frames at an exact pace, one at a time.
///
/// Confined to the crowd's thread. A frame waits while the one before it is not answered. One that would be a whole
/// interval late is left out, so that a slow server sees no burst.
final class Uploader: OutgoingExchangeDelegate {
    enum State: Equatable {
        case connecting, ready, waitingForAnswer
        case ended(String)
    }

    let camera: Int
    private(set) var state = State.connecting
    /// The time at which the next frame is to begin.
    private(set) var nextDue = Instant.distantFuture
    /// Frames answered with 200.
    private(set) var accepted = 0
    /// Frames answered with anything else.
    private(set) var refused = 0
    /// Frames left out because the server had not answered.
    private(set) var leftOut = 0

    private let address: ClientAddress
    private let exchange: OutgoingExchange
    private let interval: Duration
    private let requestHead: [UInt8]
    private var request: [UInt8] = []
    private var status = 0

    private static let longestAnswerBytes = 16384

    /// Connects.
    init(camera: Int, plan: LoadPlan, frameBytes: Int, in context: OutgoingContext) {
        self.camera = camera
        address = plan.address
        interval = .seconds(1) / plan.framesPerSecond
        let connection = OutgoingConnection(
            to: .addresses([plan.address]), in: context, limits: LoadPlan.limits, tls: plan.tls)
        exchange = OutgoingExchange(
            over: connection,
            limits: AnswerReader.Limits(headBytes: Self.longestAnswerBytes, bodyBytes: Self.longestAnswerBytes))
        requestHead = Array(
            """
            POST /upload/\(plan.cameraName(camera)) HTTP/1.1\r
            Host: \(plan.address)\r
            Content-Type: image/jpeg\r
            Content-Length: \(frameBytes)\r
            \r

            """.utf8)
        exchange.delegate = self
        exchange.start()
    }

    /// Schedules the first frame for `first`, and each other frame one interval after the one before it.
    func schedule(from first: Instant) {
        nextDue = first
    }

    /// Cancels all further frames.
    func stop() {
        nextDue = .distantFuture
    }

    /// Returns true if a frame is to begin now.
    func isDue(at now: Instant) -> Bool { state == .ready && nextDue <= now }

    /// Sends the camera's next frame.
    func beginFrame(_ store: FrameStore) {
        request.removeAll(keepingCapacity: true)
        request += requestHead
        request += store.makeNextFrame(camera: camera).bytes
        state = .waitingForAnswer
        let now = SystemClock.monotonic()
        store.markSent(camera: camera, at: now)
        nextDue = nextDue + interval
        while nextDue + interval < now {
            nextDue = nextDue + interval
            leftOut += 1
        }
        guard exchange.isReusable else { return end("an answer that nothing was asked for") }
        exchange.send(request, method: "POST")
    }

    func exchangeOpened(_ exchange: OutgoingExchange) { state = .ready }

    func exchange(_ exchange: OutgoingExchange, received head: ResponseHead) {
        status = head.status
        if head.contentLength == nil { end("an answer without Content-Length") }
    }

    func exchange(_ exchange: OutgoingExchange, receivedBody bytes: Span<UInt8>) {}

    func exchangeFinished(_ exchange: OutgoingExchange) {
        guard exchange.connection.pendingBytes == 0 else {
            return end("an answer that nothing was asked for (status \(status))")
        }
        if status == 200 { accepted += 1 } else { refused += 1 }
        guard exchange.isReusable else { return end("the server closed the connection") }
        state = .ready
    }

    func exchange(_ exchange: OutgoingExchange, endedWith error: ClientError?) {
        end(error.map { $0.text(about: address) } ?? "the server closed the connection")
    }

    private func end(_ reason: String) {
        state = .ended(reason)
        nextDue = .distantFuture
        exchange.close()
    }
}
