// SPDX-License-Identifier: MIT
internal import CSystem
import Glibc
import Synchronization

/// A joinable operating-system thread.
///
/// The body runs on the new thread; `join()` or `detach()` may be called once, from the thread that made it.
public final class LoopThread: Sendable {
    private let handle: Mutex<pthread_t?>

    /// Starts `body` on a thread called `name`, of which ps and top show 15 bytes.
    public init(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        let start = ThreadStart(name: name, body: body)
        var thread = pthread_t()
        // Retained for the new thread, which takes it over as its first act; released here if there is no thread.
        let context = unsafe Unmanaged.passRetained(start)
        let code = unsafe pthread_create(&thread, nil, threadMain, context.toOpaque())
        guard code == 0 else {
            unsafe context.release()
            throw SystemError("pthread_create", subject: name, code: code)
        }
        handle = Mutex(thread)
    }

    /// Waits until the body has returned.
    public func join() {
        let thread = handle.withLock { slot in
            defer { slot = nil }
            return slot
        }
        if let thread { _ = pthread_join(thread, nil) }
    }

    /// Waits for nothing: the thread's memory is released when the body has returned.
    public func detach() {
        let thread = handle.withLock { slot in
            defer { slot = nil }
            return slot
        }
        if let thread { _ = pthread_detach(thread) }
    }
}

private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private func threadMain(context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let start = unsafe Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue()
    _ = unsafe evrelay_name_this_thread(String(start.name.prefix(15)))
    CrashReport.withStack(start.body)
    return nil
}
