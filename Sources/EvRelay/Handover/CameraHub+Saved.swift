// SPDX-License-Identifier: MIT
import Cameras

extension CameraHub {
    /// Makes a frame of an earlier process the latest of its camera. Returns false if that cannot be.
    /// - Parameter age: the time since the frame has arrived.
    func restore(_ saved: SavedState.SavedFrame, age: Duration) -> Bool {
        restore(
            saved.jpeg, to: saved.camera, sequence: saved.sequence, timestampMicroseconds: saved.timestampMicroseconds,
            age: age)
    }
}
