// SPDX-License-Identifier: MIT
import LibEvent
import System
import WireFormat

/// One connection that watches a camera.
///
/// Confined to the crowd's thread; reads only when the crowd calls it.
final class Viewer {
    enum Kind: Int, CaseIterable {
        case healthy, slow, stalled
    }

    enum State: Equatable {
        case connecting, waitingForHead, streaming
        /// Closed, with the reason.
        case ended(String)
    }

    let kind: Kind
    let camera: Int
    let socket: ClientSocket
    private(set) var state = State.connecting
    /// Frames of the measured time that arrived whole.
    private(set) var measuredFrames = 0
    /// The sequence of the latest frame of this run; -1 before the first.
    private(set) var lastSequence = -1

    private var decoder = StreamDecoder()
    private var checker: FrameChecker

    /// The most bytes read at a time from a stalled viewer's stream until its head has arrived.
    private static let headReadBytes = 512

    init(kind: Kind, camera: Int, plan: LoadPlan) throws {
        self.kind = kind
        self.camera = camera
        socket = try ClientSocket(connectingTo: plan.address, receiveBufferBytes: plan.receiveBufferBytes)
        checker = FrameChecker(camera: camera)
    }

    /// Sends the request. Called when the connection is made.
    func sendRequest(_ plan: LoadPlan) {
        if let error = socket.connectionError() { return end("\(error)") }
        do throws(LibEventError) {
            if let tls = plan.tls { try socket.startTLS(tls, timeout: LoadPlan.handshakeLimit) }
        } catch {
            return end("\(error)")
        }
        let request = Array(
            """
            GET /stream/\(plan.cameraName(camera)) HTTP/\(plan.httpVersion.rawValue)\r
            Host: \(plan.address)\r
            Accept: */*\r
            \r

            """.utf8)
        // A new connection's buffer is larger than any request.
        guard socket.write(request.span) == .bytes(request.count) else { return end("the request was not taken") }
        state = .waitingForHead
    }

    /// Reads once, at most `limit` bytes, then checks and counts them. Returns the number of bytes read.
    @discardableResult
    func read(
        atMost limit: Int = .max, through buffer: inout [UInt8], against store: FrameStore, into tally: inout Tally
    ) -> Int {
        let most = kind == .stalled ? min(limit, Self.headReadBytes) : limit
        switch socket.read(into: &buffer, atMost: most) {
        case .bytes(let count):
            tally.bytes += count
            take(buffer.span.extracting(0..<count), against: store, into: &tally)
            return count
        case .wouldBlock: break
        case .ended: end("the server closed the stream")
        case .failed(let error): end("\(error)")
        }
        return 0
    }

    /// Closes the connection and keeps the reason. Does nothing for one that has ended.
    func end(_ reason: String) {
        guard !isEnded else { return }
        state = .ended(reason)
        socket.close()
    }

    var isEnded: Bool {
        if case .ended = state { true } else { false }
    }

    private func take(_ bytes: Span<UInt8>, against store: FrameStore, into tally: inout Tally) {
        let now = SystemClock.monotonic()
        var offset = 0
        do {
            while let event = try decoder.next(in: bytes, from: &offset) {
                switch event {
                case .head(let head):
                    guard head.status == 200, head.boundary != nil else { return end("status \(head.status)") }
                    state = .streaming
                case .part(let jpegBytes): checker.begin(jpegBytes: jpegBytes)
                case .jpeg(let range): checker.check(bytes.extracting(range), against: store)
                case .partEnd: count(checker.verdict(), at: now, store, &tally)
                case .end:
                    count(checker.verdict(), at: now, store, &tally)
                    return end("the stream was ended by its closing delimiter")
                }
            }
        } catch {
            tally.unknown += 1
            end("\(error)")
        }
    }

    private func count(_ verdict: FrameChecker.Verdict, at now: Instant, _ store: FrameStore, _ tally: inout Tally) {
        switch verdict {
        case .torn: tally.torn += 1
        case .mixed: tally.mixed += 1
        case .unknown: tally.unknown += 1
        case .intact(let identity):
            guard let sentAt = store.sendTime(of: identity) else {
                tally.ofEarlierRuns += 1
                return
            }
            let sequence = Int(identity.sequence)
            if sequence == lastSequence {
                tally.repeated += 1
            } else if sequence < lastSequence {
                tally.outOfOrder += 1
            } else {
                lastSequence = sequence
                guard store.isMeasured(identity) else { return }
                measuredFrames += 1
                tally.frames += 1
                tally.latencies.add(now - sentAt)
            }
        }
    }
}
