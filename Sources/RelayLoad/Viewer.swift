// SPDX-License-Identifier: MIT
import LibEvent
import System
import WireFormat

/// One connection that watches a camera.
///
/// Confined to the crowd's thread. A slow viewer reads only what the crowd allows, and a stalled one no more than the
/// response head.
final class Viewer: OutgoingConnectionDelegate {
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
    private(set) var state = State.connecting
    /// Frames of the measured time that arrived whole.
    private(set) var measuredFrames = 0
    /// The sequence of the latest frame of this run; -1 before the first.
    private(set) var lastSequence = -1

    private let address: ClientAddress
    private let connection: OutgoingConnection
    private let store: FrameStore
    private let tally: Tally
    private var decoder = StreamDecoder()
    private var checker: FrameChecker

    /// The most bytes read at a time from a stalled viewer's stream until its head has arrived.
    private static let headReadBytes = 512

    /// Connects and sends the request.
    ///
    /// - Parameters:
    ///   - store: the frames to compare with.
    ///   - tally: the counts of the viewers of this kind.
    init(kind: Kind, camera: Int, plan: LoadPlan, in context: OutgoingContext, store: FrameStore, tally: Tally) {
        self.kind = kind
        self.camera = camera
        self.store = store
        self.tally = tally
        address = plan.address
        connection = OutgoingConnection(
            to: .addresses([plan.address]), in: context, limits: LoadPlan.limits, tls: plan.tls,
            receiveBufferBytes: plan.receiveBufferBytes)
        checker = FrameChecker(camera: camera)
        connection.delegate = self
        if kind == .stalled { connection.receive(atMost: Self.headReadBytes) }
        let request = """
            GET /stream/\(plan.cameraName(camera)) HTTP/\(plan.httpVersion.rawValue)\r
            Host: \(plan.address)\r
            Accept: */*\r
            \r

            """
        connection.write(Array(request.utf8))
        connection.start()
    }

    /// Lets a slow viewer read at most `count` bytes.
    func read(atMost count: Int) { connection.receive(atMost: count) }

    func connectionOpened(_ connection: OutgoingConnection) { state = .waitingForHead }

    func connection(_ connection: OutgoingConnection, received bytes: Span<UInt8>) {
        let wasStreaming = state == .streaming
        tally.bytes += bytes.count
        take(bytes)
        guard kind != .healthy, !wasStreaming, !isEnded else { return }
        if state == .streaming {
            connection.pause()
        } else if kind == .stalled {
            connection.receive(atMost: Self.headReadBytes)
        }
    }

    func connection(_ connection: OutgoingConnection, endedWith error: ClientError?) {
        end(error.map { $0.text(about: address) } ?? "the server closed the stream")
    }

    /// Closes the connection and keeps the reason. Does nothing for one that has ended.
    private func end(_ reason: String) {
        guard !isEnded else { return }
        state = .ended(reason)
        tally.ended += 1
        connection.close()
    }

    var isEnded: Bool {
        if case .ended = state { true } else { false }
    }

    private func take(_ bytes: Span<UInt8>) {
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
                case .partEnd: count(checker.verdict(), at: now)
                case .end:
                    count(checker.verdict(), at: now)
                    return end("the stream was ended by its closing delimiter")
                }
            }
        } catch {
            tally.unknown += 1
            end("\(error)")
        }
    }

    private func count(_ verdict: FrameChecker.Verdict, at now: Instant) {
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
