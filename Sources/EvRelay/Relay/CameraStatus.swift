// SPDX-License-Identifier: MIT

/// The freshness of a camera's latest frame.
enum CameraState: String, Sendable, Equatable, CaseIterable {
    /// The latest frame is younger than `--stale-after`.
    case live
    /// No frame has arrived for `--stale-after`, perhaps only for a moment.
    case stale
    /// No frame has arrived for `--offline-after`: as far as anybody can tell, the camera has stopped.
    case offline
}

/// The ages at which a camera changes its state.
struct CameraStatus: Sendable, Equatable {
    /// The age of the latest frame from which a camera is stale (`--stale-after`).
    let staleAfter: Duration
    /// The age of the latest frame from which a camera is offline (`--offline-after`).
    let offlineAfter: Duration
    /// The age of the latest frame from which a camera without viewers is forgotten (`--forget-after`).
    let forgetAfter: Duration

    init(staleAfter: Duration, offlineAfter: Duration, forgetAfter: Duration) {
        self.staleAfter = staleAfter
        self.offlineAfter = offlineAfter
        self.forgetAfter = forgetAfter
    }

    /// Creates the ages of the configuration.
    init(_ ages: Configuration.Ages) {
        self.init(staleAfter: ages.stale, offlineAfter: ages.offline, forgetAfter: ages.forget)
    }

    /// Returns the state of a camera whose latest frame is `age` old.
    func state(age: Duration) -> CameraState {
        if age >= offlineAfter { return .offline }
        return age >= staleAfter ? .stale : .live
    }

    /// Returns true if a camera whose latest frame is `age` old is to be forgotten. One with viewers never is.
    func isForgettable(age: Duration, viewers: Int) -> Bool {
        viewers == 0 && age >= forgetAfter
    }
}
