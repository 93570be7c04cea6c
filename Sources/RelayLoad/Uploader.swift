// SPDX-License-Identifier: MIT
import LibEvent
import System
import WireFormat

/// One connection that sends a camera's frames at an exact pace, one at a time.
///
/// Confined to the crowd's thread. A frame waits while the one before it is not answered. One that would be a whole
/// interval late is left out, so that a slow server sees no burst.
final class Uploader {
    enum State: Equatable {
        case connecting, ready, sending, waitingForAnswer
        case ended(String)
    }

    let camera: Int
    let socket: ClientSocket
    private(set) var state = State.connecting
    /// The time at which the next frame is to begin.
    private(set) var nextDue = Instant.distantFuture
    /// Frames answered with 200.
    private(set) var accepted = 0
    /// Frames answered with anything else.
    private(set) var refused = 0
    /// Frames left out because the server had not answered.
    private(set) var leftOut = 0

    private let tls: ClientTLS?
    private let interval: Duration
    private let requestHead: [UInt8]
    private var request: [UInt8] = []
    private var sent = 0
    private var answer: [UInt8] = []

    private static let longestAnswerBytes = 16384
    private static let blankLine = Array("\r\n\r\n".utf8)

    init(camera: Int, plan: LoadPlan, frameBytes: Int) throws {
        self.camera = camera
        tls = plan.tls
        interval = .seconds(1) / plan.framesPerSecond
        socket = try ClientSocket(connectingTo: plan.address)
        requestHead = Array(
            """
            POST /upload/\(plan.cameraName(camera)) HTTP/1.1\r
            Host: \(plan.address)\r
            Content-Type: image/jpeg\r
            Content-Length: \(frameBytes)\r
            \r

            """.utf8)
    }

    /// Begins TLS where the plan has it and becomes ready, or ends if the connection could not be made.
    func finishConnecting() {
        if let error = socket.connectionError() { return end("\(error)") }
        do throws(LibEventError) {
            if let tls { try socket.startTLS(tls, timeout: LoadPlan.handshakeLimit) }
        } catch {
            return end("\(error)")
        }
        state = .ready
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

    /// Writes the camera's next frame, as much of it as the socket takes.
    func beginFrame(_ store: FrameStore) {
        request.removeAll(keepingCapacity: true)
        request += requestHead
        request += store.makeNextFrame(camera: camera).bytes
        sent = 0
        state = .sending
        let now = SystemClock.monotonic()
        store.markSent(camera: camera, at: now)
        nextDue = nextDue + interval
        while nextDue + interval < now {
            nextDue = nextDue + interval
            leftOut += 1
        }
        writeRest()
    }

    /// Continues writing. Called when the socket is writable.
    func writeRest() {
        guard state == .sending else { return }
        switch socket.write(request.span.extracting(sent..<request.count)) {
        case .bytes(let count): sent += count
        case .wouldBlock: break
        case .failed(let error): return end("\(error)")
        }
        if sent == request.count { state = .waitingForAnswer }
    }

    /// Reads the bytes of the answer that have arrived, and counts the answer once it is complete.
    func readAnswer(through buffer: inout [UInt8]) {
        if case .ended = state { return }
        switch socket.read(into: &buffer) {
        case .bytes(let count): answer += buffer[..<count]
        case .wouldBlock: return
        case .ended: return end("the server closed the connection")
        case .failed(let error): return end("\(error)")
        }
        guard answer.count <= Self.longestAnswerBytes else { return end("the answer is too long") }
        guard let blank = answer.firstRange(of: Self.blankLine) else { return }
        do {
            let bytes = answer[..<blank.upperBound]
            let head = try ResponseHead.parse(bytes.span, maxFields: 64)
            guard let length = head.contentLength, length >= 0 else { return end("an answer without Content-Length") }
            guard answer.count - blank.upperBound >= length else { return }
            guard state == .waitingForAnswer, answer.count - blank.upperBound == length else {
                return end("an answer that nothing was asked for (status \(head.status))")
            }
            if head.status == 200 { accepted += 1 } else { refused += 1 }
            answer.removeAll(keepingCapacity: true)
            state = .ready
        } catch {
            end("\(error)")
        }
    }

    private func end(_ reason: String) {
        state = .ended(reason)
        nextDue = .distantFuture
        socket.close()
    }
}
