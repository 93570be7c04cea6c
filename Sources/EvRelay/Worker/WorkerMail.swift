// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization

/// What other threads tell a worker, beside frames.
enum WorkerMail: Sendable {
    /// Disconnect viewers that hold old frames until enough memory is free.
    case shed
    /// End so many idle connections, to make room at a limit.
    case makeRoom(ConnectionLimit, count: Int)
    /// Finish the requests under way and accept nothing new.
    case drain
    /// End the streams of the viewers: no loop receives frames any more.
    case endStreams(StreamsEnd)
    /// Answer the watchdog's question with its number.
    case answer(Int)
    /// Apply these settings from now on. Boxed: a letter stays small, and no other one leaves a large payload unwritten.
    indirect case apply(Configuration, AccessControl)
    /// Leave the loop.
    case stop

    /// The ways in which viewers' streams end after the last frame.
    enum StreamsEnd: Sendable, Equatable {
        /// The streams end with their closing delimiter.
        case finish
        /// The viewers are handed over to the next process.
        case handOver
    }

    /// Returns the mail that says as much as `self` and a later `other`; nil if both are needed.
    fileprivate func merged(with other: WorkerMail) -> WorkerMail? {
        switch (self, other) {
        case (.shed, .shed), (.drain, .drain), (.stop, .stop), (.endStreams, .endStreams), (.answer, .answer),
            (.apply, .apply):
            other
        case (.makeRoom(let limit, let count), .makeRoom(let otherLimit, let more)) where limit == otherLimit:
            .makeRoom(limit, count: count + more)
        default: nil
        }
    }
}

/// The mail that waits for a worker. There are at most as many letters as kinds of them: a new one is merged with one of
/// its kind that waits already, in that one's place.
///
/// Sendable: any thread puts, the worker takes. The worker is woken only if the mailbox was empty.
final class WorkerMailbox: Sendable {
    private struct State {
        var mail: [WorkerMail] = []
        var wake: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Opens the mailbox: from now on `wake` is called, on the thread that puts, for the first mail after each `take`.
    /// Mail that waits already does so at once.
    func open(_ wake: @escaping @Sendable () -> Void) {
        let hasMail = state.withLock { state in
            state.wake = wake
            return !state.mail.isEmpty
        }
        if hasMail { wake() }
    }

    /// Closes the mailbox, as the worker is gone: later mail wakes nobody.
    func close() { state.withLock { $0.wake = nil } }

    /// Leaves mail for the worker.
    func put(_ mail: WorkerMail) {
        let wake: (@Sendable () -> Void)? = state.withLock { state in
            let wasEmpty = state.mail.isEmpty
            for (index, waiting) in state.mail.enumerated() {
                guard let merged = waiting.merged(with: mail) else { continue }
                state.mail[index] = merged
                return nil
            }
            state.mail.append(mail)
            return wasEmpty ? state.wake : nil
        }
        wake?()
    }

    /// Returns all waiting mail, oldest first, and empties the mailbox.
    func take() -> [WorkerMail] {
        state.withLock { state in
            defer { state.mail = [] }
            return state.mail
        }
    }
}
