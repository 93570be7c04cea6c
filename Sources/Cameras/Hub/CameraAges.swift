// SPDX-License-Identifier: MIT

/// The freshness of a camera's latest frame.
public enum CameraState: String, Sendable, Equatable, CaseIterable {
    /// The latest frame is younger than `--stale-after`.
    case live
    /// No frame has arrived for `--stale-after`, perhaps only for a moment.
    case stale
    /// No frame has arrived for `--offline-after`: as far as anybody can tell, the camera has stopped.
    case offline
}

/// The ages at which a camera changes its state.
public struct CameraAges: Sendable, Equatable {
    /// The age of the latest frame from which a camera is stale (`--stale-after`).
    public let staleAfter: Duration
    /// The age of the latest frame from which a camera is offline (`--offline-after`).
    public let offlineAfter: Duration
    /// The age of the latest frame from which a camera without viewers is forgotten (`--forget-after`).
    public let forgetAfter: Duration

    /// Creates the ages: stale ≤ offline ≤ forget.
    public init(staleAfter: Duration, offlineAfter: Duration, forgetAfter: Duration) {
        self.staleAfter = staleAfter
        self.offlineAfter = offlineAfter
        self.forgetAfter = forgetAfter
    }

    /// Returns the state of a camera whose latest frame is `age` old.
    public func state(age: Duration) -> CameraState {
        if age >= offlineAfter { return .offline }
        return age >= staleAfter ? .stale : .live
    }

    /// Returns true if a camera whose latest frame is `age` old is to be forgotten. One with viewers never is.
    public func isForgettable(age: Duration, viewers: Int) -> Bool {
        viewers == 0 && age >= forgetAfter
    }
}
