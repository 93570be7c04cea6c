// SPDX-License-Identifier: MIT
import LibEvent
public import System

/// A receiver of one camera's frames on a loop: a viewer, a waiting snapshot.
///
/// A sink is not a connection: one connection may have several. Confined to its loop.
public protocol FrameSink: AnyObject {
    /// The sink's position at its `CameraOnLoop`, which maintains it.
    var index: Int { get set }

    /// True if the sink counts as a viewer of its camera.
    var isViewer: Bool { get }

    /// True if the sink wants fewer frames than there are, and so is offered the latest one at times of its own.
    var isPaced: Bool { get }

    /// Takes a frame, or lets it pass. A sink that is busy asks for the latest one when it no longer is
    /// (`CameraOnLoop.offerLatest(to:)`). It may leave during the call.
    /// - Returns: the time at which to offer the latest frame again if it is too early for one; nil otherwise.
    func take(_ frame: Frame, now: Instant) -> Instant?

    /// Repeats `frame`, the latest, if it has been taken and nothing has been sent for `interval`.
    func repeatIfQuiet(_ frame: Frame, after interval: Duration, now: Instant)
}

/// Defaults for sinks that take every frame and repeat none.
extension FrameSink {
    /// False.
    public var isPaced: Bool { false }

    /// Does nothing.
    public func repeatIfQuiet(_ frame: Frame, after interval: Duration, now: Instant) {}
}
