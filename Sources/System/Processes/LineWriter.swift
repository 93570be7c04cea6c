// SPDX-License-Identifier: MIT
internal import CSystem
import Glibc
import Synchronization

/// Writes lines to a descriptor without ever making the caller wait.
///
/// A thread of its own writes; callers only put lines into a bounded queue. No other way works for every descriptor: a
/// pipe that nobody reads, a terminal stopped with Ctrl-S, and a full socket all block a writer. O_NONBLOCK belongs to
/// the open file description, which other processes share. poll(2) calls a terminal writable that has room for one byte
/// of a longer line, and a pipe that another process fills before the write. A file can wait for its disk.
///
/// Lines that do not fit into the queue are lost and counted; the next line written tells their number.
///
/// Sendable: any thread may write; the lock is held to append a line or to take them all.
public final class LineWriter: Sendable {
    /// The longest line with its line feed, in bytes. A pipe keeps a write of this length whole (PIPE_BUF), so that
    /// lines of several processes do not mix.
    public static let maxLineBytes = 4096

    private struct Queue {
        var lines: [[UInt8]] = []
        var bytes = 0
        /// Lines lost since the last time the thread took the queue.
        var lost = 0
        var lostInAll = 0
        /// True while the thread writes the lines it took.
        var isWriting = false
        var isClosed = false
    }

    private let descriptor: Int32
    private let maxPendingBytes: Int
    private let report: @Sendable (Int) -> [UInt8]
    private let queue = Mutex(Queue())
    private let thread = Mutex<LoopThread?>(nil)
    /// Raised when the thread has something to do.
    private let work: Signal
    /// Raised when the thread has written everything.
    private let rest: Signal

    /// - Parameters:
    ///   - descriptor: the target of the lines; it stays the caller's. nil is standard error.
    ///   - maxPendingBytes: the limit of all waiting lines together.
    ///   - report: makes the line that tells how many lines were lost.
    /// - Throws: if no thread or no descriptor is left.
    public init(
        to descriptor: Int32? = nil, maxPendingBytes: Int, report: @escaping @Sendable (Int) -> [UInt8]
    ) throws(SystemError) {
        self.descriptor = descriptor ?? STDERR_FILENO
        self.maxPendingBytes = maxPendingBytes
        self.report = report
        work = try Signal()
        rest = try Signal()
        let started = try LoopThread(name: "evrelay-log") { [self] in
            while writePending() {}
        }
        thread.withLock { $0 = started }
    }

    /// The number of lines lost so far.
    public var lostLines: Int { queue.withLock { $0.lostInAll } }

    /// Queues one line, which ends with its line feed, or counts it as lost.
    public func write(_ line: [UInt8]) {
        let isIdle = queue.withLock { queue in
            let isIdle = queue.lines.isEmpty
            guard !queue.isClosed, queue.bytes + line.count <= maxPendingBytes else {
                queue.lost += 1
                queue.lostInAll += 1
                return isIdle
            }
            queue.lines.append(line)
            queue.bytes += line.count
            return isIdle
        }
        if isIdle { work.raise() }
    }

    /// Waits until everything is written, at most `limit`; for the end of the process.
    /// - Returns: false if something is left.
    @discardableResult
    public func flush(within limit: Duration) -> Bool {
        let deadline = SystemClock.monotonic() + limit
        while queue.withLock({ $0.isWriting || !$0.lines.isEmpty || $0.lost > 0 }) {
            let left = deadline - SystemClock.monotonic()
            guard left > .zero else { return false }
            // Another waiting thread may have consumed the signal, so the queue is checked again every 10 ms.
            rest.wait(atMost: min(left, .milliseconds(10)))
        }
        return true
    }

    /// Takes no more lines, and waits until all are written and the thread has ended. A process that ends anyway need
    /// not call it: the thread may hang in a write forever.
    public func close() {
        queue.withLock { $0.isClosed = true }
        work.raise()
        thread.withLock { slot in
            defer { slot = nil }
            return slot
        }?.join()
    }

    /// Writes the waiting lines; false when no more will come.
    private func writePending() -> Bool {
        work.wait(atMost: nil)
        while true {
            let (lines, lost, isClosed) = queue.withLock { queue in
                let taken = (queue.lines, queue.lost, queue.isClosed)
                queue.lines = []
                queue.bytes = 0
                queue.lost = 0
                queue.isWriting = !taken.0.isEmpty || taken.1 > 0
                return taken
            }
            if lines.isEmpty, lost == 0 {
                rest.raise()
                return !isClosed
            }
            for line in lines { StandardError.write(line, to: descriptor) }
            // Lost lines came after the queue was full, so after those just written.
            if lost > 0 { StandardError.write(report(lost), to: descriptor) }
        }
    }
}

/// An eventfd that one thread raises and another waits for.
private final class Signal: Sendable {
    private let descriptor: Int32

    init() throws(SystemError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { throw SystemError("eventfd", code: errno) }
    }

    deinit { close(descriptor) }

    func raise() {
        var one: UInt64 = 1
        // Safe: write reads the eight bytes of `one`.
        _ = unsafe Glibc.write(descriptor, &one, 8)
    }

    /// Waits until the signal was raised since the last wait, at most `limit`; nil waits without limit.
    func wait(atMost limit: Duration?) {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let milliseconds = limit.map { Int32(clamping: max(1, $0.wholeMilliseconds)) } ?? -1
        // Safe: poll reads and writes the one structure.
        _ = unsafe poll(&wanted, 1, milliseconds)
        var count: UInt64 = 0
        // Safe: read writes at most the eight bytes of `count`.
        _ = unsafe read(descriptor, &count, 8)
    }
}
