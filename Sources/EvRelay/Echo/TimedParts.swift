// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import WireFormat

/// Lines of text at fixed times, by which a client measures the path: whether the head arrives at once, and whether
/// small parts arrive one by one or are held back and arrive in bursts.
///
/// Confined to its worker's loop. Its connection keeps it alive. It is sent in the same way as a viewer's stream.
final class TimedParts: TakenConnectionDelegate, LastingTask {
    /// The lines that a client has requested.
    struct Plan: Equatable {
        /// The number of lines: 1 to 40, by default 8.
        let parts: Int
        /// The time from line to line, and from the head to the first line: 50 to 1000 ms, by default 250 ms.
        let interval: Duration
        /// The size of a line with its line feed: 64 to 65536 bytes, by default 64.
        let bytes: Int

        init(_ query: Query) throws(ParameterError) {
            parts = try Parameter.integer("parts", in: query, 1...40) ?? 8
            interval = .milliseconds(try Parameter.integer("interval", in: query, 50...1000) ?? 250)
            bytes = try Parameter.integer("bytes", in: query, 64...65_536) ?? 64
        }
    }

    private let connection: TakenConnection
    private let worker: Worker
    private let plan: Plan
    private let place: Place
    private let isChunked: Bool
    private var timer: LoopTimer?
    private var sent = 0
    private var isFinished = false

    init(
        _ connection: TakenConnection, plan: Plan, isChunked: Bool, place: Place, on worker: Worker, _ loop: EventLoop
    ) throws(SystemError) {
        self.connection = connection
        self.worker = worker
        self.plan = plan
        self.place = place
        self.isChunked = isChunked
        timer = try LoopTimer(on: loop, isRepeating: true) { [weak self] in self?.sendPart() }
    }

    /// Returns the fields of the head: those of a stream, whose path is to be measured.
    static func headers(isChunked: Bool) -> [(name: String, value: String)] {
        [(name: "Content-Type", value: "application/octet-stream")] + SecurityHeaders.unbuffered
            + (isChunked ? [(name: "Transfer-Encoding", value: "chunked")] : [])
    }

    /// Sends the head, and starts the timer of the lines.
    func begin(_ head: HTTPResponse) {
        connection.delegate = self
        connection.startStream(head, opening: [])
        worker.metrics.responses.add("\(head.status)")
        timer?.start(after: plan.interval)
    }

    private func sendPart() {
        sent += 1
        guard !connection.isPending else { return skipPart() }
        var line = JSONText.object {
            $0.member("part", sent)
            $0.member("time_us", SystemClock.nowMicroseconds())
        }
        line += Array(repeating: UInt8(ascii: " "), count: max(0, plan.bytes - line.count - 1))
        line.append(UInt8(ascii: "\n"))
        connection.write(isChunked ? ChunkedWriter.chunk(line) : line)
        if sent >= plan.parts { finish() }
    }

    /// Skips the line of a client that does not read. The gap tells it as much as a late line would.
    private func skipPart() {
        if sent >= plan.parts { finish() }
    }

    /// Ends the lines; the client sees a stream that ends early.
    func beginDraining() { finish() }

    /// Ends the lines, once: the last line may still be pending when a drain begins.
    private func finish() {
        guard !isFinished else { return }
        isFinished = true
        timer?.cancel()
        if isChunked { connection.write(ChunkedWriter.end) }
        connection.closeWhenDrained()
    }

    func connection(_ connection: TakenConnection, received input: InputBuffer) { input.drop(input.count) }

    func connectionDrained(_ connection: TakenConnection) {}

    func connectionDeadlinePassed(_ connection: TakenConnection) { connection.close(.tooSlow) }

    /// Keeps the connection, as the lines end by themselves. A client that still reads gets them all, and the next line
    /// reveals one that has gone.
    func connectionReachedEnd(_ connection: TakenConnection) {}

    func connectionClosed(_ connection: TakenConnection, reason: CloseReason) {
        timer?.cancel()
        worker.ended(self)
    }
}
