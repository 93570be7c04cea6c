// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization

/// What other threads leave for a worker: one slot per camera, in which a newer frame replaces an older one.
///
/// Sendable: any thread puts, the worker takes. The worker is woken only if the inbox was empty.
final class WorkerInbox: Sendable {
    /// Everything that has come since the worker last looked.
    struct Mail: Sendable {
        var frames: [CameraID: Frame] = [:]
        /// Disconnect viewers that pin old frames.
        var isShedding = false
        /// End as many idle connections.
        var roomWanted: [ConnectionLimit: Int] = [:]
        /// Finish the requests under way and take nothing new.
        var isDraining = false
        /// No frame will come any more.
        var streamsEnd: StreamsEnd?
        /// A question of the watchdog, to be answered.
        var question: Int?
        /// What holds from now on.
        var settings: (configuration: Configuration, access: AccessControl)?
        /// Leave the loop.
        var isStopping = false

        var isEmpty: Bool {
            frames.isEmpty && !isShedding && roomWanted.isEmpty && !isDraining && streamsEnd == nil && question == nil
                && settings == nil && !isStopping
        }
    }

    /// What becomes of viewers when the last frame has come.
    enum StreamsEnd: Sendable, Equatable {
        /// Their streams end.
        case finish
        /// They are handed over to the next process.
        case handOver
    }

    private struct State: Sendable {
        var mail = Mail()
        var wakeup: Wakeup?
    }

    private let state = Mutex(State())

    /// Mail wakes the worker through `wakeup` from now on; what came before does so at once.
    func open(_ wakeup: Wakeup) {
        let hasMail = state.withLock { state in
            state.wakeup = wakeup
            return !state.mail.isEmpty
        }
        if hasMail { wakeup.signal() }
    }

    /// The worker is gone: what comes from now on wakes nobody.
    func close() {
        state.withLock { $0.wakeup = nil }
    }

    /// Leaves a frame, unless a newer one of its camera is waiting.
    func put(_ frame: Frame) {
        add { mail in
            if let waiting = mail.frames[frame.camera], waiting.sequence >= frame.sequence { return }
            mail.frames[frame.camera] = frame
        }
    }

    /// Asks the worker to disconnect viewers that pin old frames until enough memory is free.
    func askToShed() { add { $0.isShedding = true } }

    /// Asks the worker to end its connection that has been idle longest.
    func askForRoom(_ limit: ConnectionLimit) { add { $0.roomWanted[limit, default: 0] += 1 } }

    /// Asks the worker to finish the requests under way.
    func askToDrain() { add { $0.isDraining = true } }

    /// Asks the worker to let its viewers go: no loop receives frames any more.
    func askToEndStreams(_ end: StreamsEnd) { add { $0.streamsEnd = end } }

    /// Asks the worker whether it is alive; it answers with the number.
    func ask(_ question: Int) { add { $0.question = question } }

    /// Tells the worker what holds from now on.
    func apply(_ configuration: Configuration, _ access: AccessControl) {
        add { $0.settings = (configuration, access) }
    }

    /// Asks the worker to leave its loop.
    func askToStop() { add { $0.isStopping = true } }

    /// Everything that is waiting, which is then taken.
    func take() -> Mail {
        state.withLock { state in
            defer { state.mail = Mail() }
            return state.mail
        }
    }

    private func add(_ change: (inout Mail) -> Void) {
        let wakeup: Wakeup? = state.withLock { state in
            let wasEmpty = state.mail.isEmpty
            change(&state.mail)
            return wasEmpty ? state.wakeup : nil
        }
        wakeup?.signal()
    }
}
