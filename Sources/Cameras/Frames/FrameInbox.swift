// SPDX-License-Identifier: MIT
import Synchronization

/// The frames that wait for a sink on another thread.
///
/// Sendable: any thread puts, the sink's thread takes. The sink is woken only if the inbox was empty.
public final class FrameInbox: Sendable {
    /// The frames that an inbox keeps while its sink is busy.
    public enum Keeping: Sendable, Equatable {
        /// The latest frame of each camera: a newer frame replaces an older one.
        case latest
        /// Every frame, in order, while their JPEGs together have at most so many bytes. Beyond that the oldest frames
        /// are skipped; the newest one always stays.
        case every(maxBytes: Int)
    }

    /// The content of an inbox.
    public struct Contents: Sendable {
        /// The frames: of each camera the latest, in no order, or every frame in the order of its arrival.
        public fileprivate(set) var frames: [Frame] = []
        /// The number of frames skipped because of `maxBytes`.
        public fileprivate(set) var skippedFrames = 0
    }

    private struct State {
        var latest: [CameraID: Frame] = [:]
        var queue: [Frame] = []
        var queuedBytes = 0
        var skippedFrames = 0
        var wake: (@Sendable () -> Void)?

        var isEmpty: Bool { latest.isEmpty && queue.isEmpty }

        mutating func replace(_ frame: Frame) {
            if let waiting = latest[frame.camera], waiting.sequence >= frame.sequence { return }
            latest[frame.camera] = frame
        }

        mutating func append(_ frame: Frame, maxBytes: Int) {
            queue.append(frame)
            queuedBytes += frame.jpegBytes
            while queuedBytes > maxBytes, queue.count > 1 {
                queuedBytes -= queue.removeFirst().jpegBytes
                skippedFrames += 1
            }
        }
    }

    private let keeping: Keeping
    private let state = Mutex(State())

    /// Creates an empty inbox, which wakes nobody.
    public init(keeping: Keeping) {
        self.keeping = keeping
    }

    /// Opens the inbox: from now on `wake` is called, on the thread that puts, for the first frame after each `take`.
    /// Frames that wait already do so at once.
    public func open(_ wake: @escaping @Sendable () -> Void) {
        let hasFrames = state.withLock { state in
            state.wake = wake
            return !state.isEmpty
        }
        if hasFrames { wake() }
    }

    /// Closes the inbox, as the sink is gone: later frames wake nobody.
    public func close() { state.withLock { $0.wake = nil } }

    /// Puts a frame into the inbox, unless only the latest is kept and a newer one waits there.
    public func put(_ frame: Frame) {
        let wake: (@Sendable () -> Void)? = state.withLock { state in
            let wasEmpty = state.isEmpty
            switch keeping {
            case .latest: state.replace(frame)
            case .every(let maxBytes): state.append(frame, maxBytes: maxBytes)
            }
            return wasEmpty ? state.wake : nil
        }
        wake?()
    }

    /// Returns everything that waits, and empties the inbox.
    public func take() -> Contents {
        state.withLock { state in
            let contents = Contents(
                frames: state.queue.isEmpty ? Array(state.latest.values) : state.queue,
                skippedFrames: state.skippedFrames)
            state = State(wake: state.wake)
            return contents
        }
    }
}
