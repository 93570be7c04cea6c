// SPDX-License-Identifier: MIT

/// How fresh a camera's picture is.
enum CameraState: String, Sendable, Equatable, CaseIterable {
    /// The latest frame is younger than the stale age.
    case live
    /// Frames have stopped, perhaps for a moment.
    case stale
    /// Frames have stopped for good, as far as anybody can tell.
    case offline
}

/// The ages at which a camera changes its state.
struct CameraStatus: Sendable, Equatable {
    /// `--stale-after`
    let staleAfter: Duration
    /// `--offline-after`
    let offlineAfter: Duration
    /// `--forget-after`
    let forgetAfter: Duration

    init(staleAfter: Duration, offlineAfter: Duration, forgetAfter: Duration) {
        self.staleAfter = staleAfter
        self.offlineAfter = offlineAfter
        self.forgetAfter = forgetAfter
    }

    /// The ages that are configured.
    init(_ ages: Configuration.Ages) {
        self.init(staleAfter: ages.stale, offlineAfter: ages.offline, forgetAfter: ages.forget)
    }

    /// The state of a camera whose latest frame is `age` old.
    func state(age: Duration) -> CameraState {
        if age >= offlineAfter { return .offline }
        return age >= staleAfter ? .stale : .live
    }

    /// True if a camera with a frame of this age and no viewer is to be forgotten.
    func isForgettable(age: Duration, viewers: Int) -> Bool {
        viewers == 0 && age >= forgetAfter
    }
}
