// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization

/// The interface of a service for other threads.
///
/// Sendable: any thread may call at any time, also after the service has ended.
final class ServiceRemote: Sendable {
    enum Message: Sendable {
        case shutdown
        case reload
        case worker(WorkerThread.Report)
    }

    private struct State: Sendable {
        var messages: [Message] = []
        var wakeup: Wakeup?
    }

    private let state = Mutex(State())

    /// Asks the service to drain and end, as SIGTERM does.
    func shutDown() { deliver(.shutdown) }

    /// Asks the service to read its settings anew, as SIGHUP does.
    func reload() { deliver(.reload) }

    func deliver(_ message: Message) {
        let wakeup = state.withLock { state in
            state.messages.append(message)
            return state.wakeup
        }
        wakeup?.signal()
    }

    func open(_ wakeup: Wakeup) {
        state.withLock { $0.wakeup = wakeup }
        wakeup.signal()
    }

    func close() { state.withLock { $0.wakeup = nil } }

    func take() -> [Message] {
        state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }
}
