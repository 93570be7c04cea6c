// SPDX-License-Identifier: MIT

/// The parts of the relay, on one screen. A new part is a folder of its own and a line here.
enum Features {
    /// Returns all features.
    static func make(_ configuration: Configuration) -> [any Feature] {
        [
            Uploads(),
            Streams(),
            Snapshots(),
            Status(),
            Echo(),
            Pages(files: WebFiles(root: configuration.webRoot)),
        ]
    }
}
