// SPDX-License-Identifier: MIT

extension Setting {
    /// Every setting, in the order of `--help` and of the reference.
    static let all: [Setting] = {
        let features = [
            ServerSettings.rows,
            TLSSettings.rows,
            AccessSettings.rows,
            CameraSettings.rows,
            UploadSettings.rows,
            StreamSettings.rows,
            PageSettings.rows,
            EchoSettings.rows,
        ]
        return features.joined().sorted { $0.place < $1.place }
    }()
}
