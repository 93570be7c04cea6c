// SPDX-License-Identifier: MIT
import LibEvent
import System
import TestSupport
import Testing

@testable import Cameras

@Suite struct DeliveryStateTests {
    @Test func `the first frame is sent, whatever its sequence`() {
        for sequence in [Int64(1), 1_795_370_400_001, .max] {
            var policy = DeliveryState()
            #expect(policy.offer(sequence: sequence, isPending: false, now: moment(0)) == .send)
            #expect(policy.lastSequence == sequence)
            #expect(policy.lastSent == moment(0))
            #expect(policy.sentFrames == 1)
            #expect(policy.skippedFrames == 0)
        }
    }

    @Test func `a frame that was sent and older ones are not sent again`() {
        var policy = DeliveryState()
        _ = policy.offer(sequence: 10, isPending: false, now: moment(0))
        let before = policy
        for sequence in [Int64(10), 9, 1] {
            #expect(policy.offer(sequence: sequence, isPending: false, now: moment(1)) == .alreadySent)
            #expect(policy.offer(sequence: sequence, isPending: true, now: moment(1)) == .alreadySent)
        }
        #expect(policy == before)
    }

    @Test func `a viewer with pending bytes gets nothing, then the newest`() {
        var policy = DeliveryState()
        _ = policy.offer(sequence: 1, isPending: false, now: moment(0))
        for sequence in Int64(2)...5 {
            #expect(policy.offer(sequence: sequence, isPending: true, now: moment(1)) == .busy)
        }
        #expect(policy.skippedFrames == 0)
        #expect(policy.offer(sequence: 5, isPending: false, now: moment(2)) == .send)
        #expect(policy.lastSequence == 5)
        #expect(policy.skippedFrames == 3)
        #expect(policy.sentFrames == 2)
    }

    @Test func `skipped frames add up and frames in a row skip none`() {
        var policy = DeliveryState()
        for sequence in [Int64(1), 2, 5, 6, 10] {
            #expect(policy.offer(sequence: sequence, isPending: false, now: moment(Double(sequence))) == .send)
        }
        #expect(policy.skippedFrames == 5)
        #expect(policy.sentFrames == 5)
    }

    @Test func `a busy viewer is busy also where its rate would not allow the frame`() {
        var policy = DeliveryState(minimumInterval: .seconds(1))
        _ = policy.offer(sequence: 1, isPending: false, now: moment(0))
        #expect(policy.offer(sequence: 2, isPending: true, now: moment(0.1)) == .busy)
    }

    // MARK: - fps

    @Test func `a frame before its time is offered again when it is due`() {
        var policy = DeliveryState(minimumInterval: .milliseconds(100))
        #expect(policy.offer(sequence: 1, isPending: false, now: moment(0)) == .send)
        #expect(policy.offer(sequence: 2, isPending: false, now: moment(0.07)) == .tooEarly(moment(0.1)))
        #expect(policy.sentFrames == 1)
        #expect(policy.offer(sequence: 3, isPending: false, now: moment(0.1)) == .send)
        #expect(policy.skippedFrames == 1)
    }

    @Test func `a quarter of the interval early is near enough, a little more is not`() {
        var policy = DeliveryState(minimumInterval: .milliseconds(100))
        _ = policy.offer(sequence: 1, isPending: false, now: moment(0))
        var other = policy
        #expect(policy.offer(sequence: 2, isPending: false, now: moment(0.075)) == .send)
        #expect(other.offer(sequence: 2, isPending: false, now: moment(0.074_999_999)) == .tooEarly(moment(0.1)))
    }

    @Test(arguments: [(30.0, 10.0), (30.0, 7.0), (25.0, 20.0), (60.0, 0.5), (10.0, 9.9)])
    func `the mean rate is the one asked for, with jitter and over 1000 frames`(_ camera: Double, _ cap: Double) {
        var random = SeededGenerator(seed: 7)
        let interval = Duration.nanoseconds(Int64(1e9 / cap))
        var policy = DeliveryState(minimumInterval: interval)
        var sent = 0
        var due: Instant?
        let frames = max(1000, Int(100 * camera / cap))
        for sequence in 1...frames {
            let ideal = Double(sequence) / camera
            let now = moment(ideal + Double.random(in: -0.3...0.3, using: &random) / camera)
            // Between two frames the worker offers the latest one again when its rate allows it.
            if let time = due, time < now {
                due = nil
                if policy.offer(sequence: Int64(sequence - 1), isPending: false, now: time) == .send { sent += 1 }
            }
            switch policy.offer(sequence: Int64(sequence), isPending: false, now: now) {
            case .send: sent += 1
            case .tooEarly(let time): due = time
            case .alreadySent, .busy, .sendLast: Issue.record("frame \(sequence) at \(now)")
            }
        }
        let seconds = Double(frames) / camera
        let rate = Double(sent) / seconds
        #expect(rate <= cap * 1.02 + 1 / seconds)
        #expect(rate >= cap * 0.97)
    }

    @Test func `a camera at the very rate asked for loses no frame to jitter`() {
        var random = SeededGenerator(seed: 3)
        var policy = DeliveryState(minimumInterval: .milliseconds(100))
        for sequence in 1...1000 {
            let now = moment(Double(sequence) * 0.1 + Double.random(in: -0.02...0.02, using: &random))
            #expect(policy.offer(sequence: Int64(sequence), isPending: false, now: now) == .send, "frame \(sequence)")
        }
        #expect(policy.skippedFrames == 0)
    }

    @Test func `who falls behind starts anew and does not catch up`() {
        var policy = DeliveryState(minimumInterval: .milliseconds(100))
        _ = policy.offer(sequence: 1, isPending: false, now: moment(0))
        #expect(policy.offer(sequence: 50, isPending: false, now: moment(5)) == .send)
        #expect(policy.offer(sequence: 51, isPending: false, now: moment(5.02)) == .tooEarly(moment(5.1)))
        #expect(policy.offer(sequence: 51, isPending: false, now: moment(5.1)) == .send)
        #expect(policy.offer(sequence: 52, isPending: false, now: moment(5.12)) == .tooEarly(moment(5.2)))
    }

    @Test func `without a rate every frame is sent, however close they are`() {
        var policy = DeliveryState()
        for sequence in Int64(1)...100 {
            #expect(policy.offer(sequence: sequence, isPending: false, now: moment(0)) == .send)
        }
    }

    // MARK: - frames

    @Test func `the last of the frames asked for ends the stream`() {
        var policy = DeliveryState(frames: 3)
        #expect(policy.framesLeft == 3)
        let decisions = (1...3).map { policy.offer(sequence: Int64($0), isPending: false, now: moment(0)) }
        #expect(decisions == [.send, .send, .sendLast])
        #expect(policy.framesLeft == 0)
    }

    @Test func `one frame asked for is the last at once`() {
        var policy = DeliveryState(frames: 1)
        #expect(policy.offer(sequence: 8, isPending: false, now: moment(0)) == .sendLast)
    }

    @Test func `frames that are not sent do not count`() {
        var policy = DeliveryState(minimumInterval: .seconds(1), frames: 2)
        _ = policy.offer(sequence: 1, isPending: false, now: moment(0))
        _ = policy.offer(sequence: 1, isPending: false, now: moment(0))
        _ = policy.offer(sequence: 2, isPending: true, now: moment(0))
        _ = policy.offer(sequence: 2, isPending: false, now: moment(0.1))
        #expect(policy.framesLeft == 1)
        #expect(policy.offer(sequence: 9, isPending: false, now: moment(1)) == .sendLast)
    }

    // MARK: - Repetition

    @Test func `a quiet viewer is sent its frame again, once an interval`() {
        var policy = DeliveryState(frames: 5)
        _ = policy.offer(sequence: 1, isPending: false, now: moment(0))
        #expect(policy.offerRepetition(after: .seconds(5), isPending: false, now: moment(4.999)) == false)
        #expect(policy.offerRepetition(after: .seconds(5), isPending: false, now: moment(5)) == true)
        #expect(policy.lastSent == moment(5))
        #expect(policy.offerRepetition(after: .seconds(5), isPending: false, now: moment(9.999)) == false)
        #expect(policy.offerRepetition(after: .seconds(5), isPending: false, now: moment(10)) == true)
        #expect(policy.sentFrames == 1)
        #expect(policy.framesLeft == 4)
        #expect(policy.lastSequence == 1)
        #expect(policy.skippedFrames == 0)
    }

    @Test func `nothing is repeated to a busy viewer, or to one that has been sent nothing`() {
        var policy = DeliveryState()
        #expect(policy.offerRepetition(after: .seconds(5), isPending: false, now: moment(100)) == false)
        _ = policy.offer(sequence: 1, isPending: false, now: moment(0))
        let before = policy
        #expect(policy.offerRepetition(after: .seconds(5), isPending: true, now: moment(100)) == false)
        #expect(policy == before)
    }

    @Test func `a repetition does not hold the next frame back`() {
        var policy = DeliveryState(minimumInterval: .seconds(10))
        _ = policy.offer(sequence: 1, isPending: false, now: moment(0))
        #expect(policy.offerRepetition(after: .seconds(5), isPending: false, now: moment(9.9)) == true)
        #expect(policy.offer(sequence: 2, isPending: false, now: moment(10)) == .send)
    }

    // MARK: - Over a restart

    @Test func `what a viewer asked for holds in the next process, and no frame comes twice`() {
        var policy = DeliveryState(minimumInterval: .milliseconds(100), frames: 3)
        #expect(policy.offer(sequence: 7, isPending: false, now: moment(0)) == .send)
        #expect(
            policy.resumption == .init(minimumIntervalNanoseconds: 100_000_000, framesLeft: 2, lastSequence: 7))
        var next = DeliveryState(resuming: policy.resumption, now: moment(1))
        #expect(next.resumption == policy.resumption)
        #expect(next.offer(sequence: 7, isPending: false, now: moment(1)) == .alreadySent)
        #expect(next.offer(sequence: 10, isPending: false, now: moment(1)) == .send)
        #expect(next.skippedFrames == 2)
        #expect(next.sentFrames == 1)
        guard case .tooEarly = next.offer(sequence: 11, isPending: false, now: moment(1.01)) else {
            Issue.record("the rate does not hold")
            return
        }
        #expect(next.offer(sequence: 12, isPending: false, now: moment(1.2)) == .sendLast)
    }

    @Test func `a viewer that has seen nothing begins in the next process as in the first`() {
        let policy = DeliveryState()
        #expect(
            policy.resumption == .init(minimumIntervalNanoseconds: nil, framesLeft: nil, lastSequence: nil))
        #expect(DeliveryState(resuming: policy.resumption, now: moment(1)) == policy)
    }

    @Test func `a still scene's frame is repeated in the next process too`() {
        var policy = DeliveryState()
        _ = policy.offer(sequence: 7, isPending: false, now: moment(0))
        var next = DeliveryState(resuming: policy.resumption, now: moment(1))
        let repeats = [5.9, 6].map { next.offerRepetition(after: .seconds(5), isPending: false, now: moment($0)) }
        #expect(repeats == [false, true])
    }
}
