// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import Synchronization

/// The mail of other threads for a worker. Each camera has one slot, in which a newer frame replaces an older one.
///
/// Sendable: any thread puts, the worker takes. The worker is woken only if the inbox was empty.
final class WorkerInbox: Sendable {
    /// All mail since the worker last took it.
    struct Mail: Sendable {
        var frames: [CameraID: Frame] = [:]
        /// True if viewers that hold old frames are to be disconnected.
        var isShedding = false
        /// The number of idle connections to end, by the limit that was reached.
        var roomWanted: [ConnectionLimit: Int] = [:]
        /// True if the worker is to finish the requests under way and accept nothing new.
        var isDraining = false
        /// The end of the viewers' streams, once no more frames will come.
        var streamsEnd: StreamsEnd?
        /// A question of the watchdog, to be answered with the same number.
        var question: Int?
        /// The settings that apply from now on.
        var settings: (configuration: Configuration, access: AccessControl)?
        /// True if the worker is to leave its loop.
        var isStopping = false

        var isEmpty: Bool {
            frames.isEmpty && !isShedding && roomWanted.isEmpty && !isDraining && streamsEnd == nil && question == nil
                && settings == nil && !isStopping
        }
    }

    /// The ways in which viewers' streams end after the last frame.
    enum StreamsEnd: Sendable, Equatable {
        /// The streams end with their closing delimiter.
        case finish
        /// The viewers are handed over to the next process.
        case handOver
    }

    private struct State: Sendable {
        var mail = Mail()
        var wakeup: Wakeup?
    }

    private let state = Mutex(State())

    /// Opens the inbox: mail wakes the worker through `wakeup` from now on. Mail that is there already does so at once.
    func open(_ wakeup: Wakeup) {
        let hasMail = state.withLock { state in
            state.wakeup = wakeup
            return !state.mail.isEmpty
        }
        if hasMail { wakeup.signal() }
    }

    /// Closes the inbox, as the worker is gone: later mail wakes nobody.
    func close() {
        state.withLock { $0.wakeup = nil }
    }

    /// Puts a frame into its camera's slot, unless a newer one is waiting there.
    func put(_ frame: Frame) {
        add { mail in
            if let waiting = mail.frames[frame.camera], waiting.sequence >= frame.sequence { return }
            mail.frames[frame.camera] = frame
        }
    }

    /// Asks the worker to disconnect viewers that hold old frames until enough memory is free.
    func askToShed() { add { $0.isShedding = true } }

    /// Asks the worker to end the connection that has been idle longest, to make room at `limit`.
    func askForRoom(_ limit: ConnectionLimit) { add { $0.roomWanted[limit, default: 0] += 1 } }

    /// Asks the worker to finish the requests under way and accept nothing new.
    func askToDrain() { add { $0.isDraining = true } }

    /// Asks the worker to end the streams of its viewers: no loop receives frames any more.
    func askToEndStreams(_ end: StreamsEnd) { add { $0.streamsEnd = end } }

    /// Asks the worker to show that it is alive; it answers with the number.
    func ask(_ question: Int) { add { $0.question = question } }

    /// Tells the worker the settings that apply from now on.
    func apply(_ configuration: Configuration, _ access: AccessControl) {
        add { $0.settings = (configuration, access) }
    }

    /// Asks the worker to leave its loop.
    func askToStop() { add { $0.isStopping = true } }

    /// Returns all waiting mail, and empties the inbox.
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
