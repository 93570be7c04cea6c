// SPDX-License-Identifier: MIT
import Cameras

extension CameraHub.Settings {
    /// Creates the settings of the configuration.
    init(_ configuration: Configuration) {
        let ages = configuration.ages
        self.init(
            maxCameras: configuration.limits.maxCameras,
            ages: CameraAges(staleAfter: ages.stale, offlineAfter: ages.offline, forgetAfter: ages.forget),
            takeover: configuration.takeover)
    }
}
