// SPDX-License-Identifier: MIT
import Cameras

extension CameraAges {
    /// Creates the ages of the configuration.
    init(_ ages: Configuration.Ages) {
        self.init(staleAfter: ages.stale, offlineAfter: ages.offline, forgetAfter: ages.forget)
    }
}
