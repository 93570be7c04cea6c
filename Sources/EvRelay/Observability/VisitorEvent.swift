// SPDX-License-Identifier: MIT
import Logging

/// What visitors cause, as the log calls it.
enum VisitorEvent: String, CaseIterable {
    case viewerJoined = "viewer joined"
    case viewerLeft = "viewer left"
    case request
    case refused
    case idleLetGo = "idle connection let go"
    case uploadEnded = "streaming upload ended"
    case cameraTakenOver = "camera taken over"
    case cameraLive = "camera live"
    case cameraStale = "camera stale"
    case cameraOffline = "camera offline"
    case cameraForgotten = "camera forgotten"
    case trailingBytes = "bytes behind a frame left out"

    /// Which lines say it.
    var level: Logger.Level { isForFloods ? .notice : .info }

    /// True if there is one line in `LogBudget.interval` for each reason; the others are only counted.
    var isForFloods: Bool { self == .refused || self == .idleLetGo }

    /// Whether anybody causes it as often as they like. The others need the right to publish, or come once in
    /// `LogBudget.interval`.
    var isOfCrowds: Bool {
        switch self {
        case .viewerJoined, .viewerLeft, .request: true
        default: false
        }
    }

    /// A camera's new state.
    init(_ state: CameraState) {
        self =
            switch state {
            case .live: .cameraLive
            case .stale: .cameraStale
            case .offline: .cameraOffline
            }
    }
}
