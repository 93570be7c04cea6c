// SPDX-License-Identifier: MIT
import Cameras
import Logging

/// An event that visitors cause. The raw value is the message of its log lines.
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

    /// The level of the event's log lines: notice for floods, info for all other events.
    var level: Logger.Level { isForFloods ? .notice : .info }

    /// True if at most one line is written in `LogBudget.interval` for each reason; the others are only counted.
    var isForFloods: Bool { self == .refused || self == .idleLetGo }

    /// True if anybody can cause the event any number of times. The other events need the right to publish, or are
    /// logged at most once in `LogBudget.interval` for each reason.
    var isOfCrowds: Bool {
        switch self {
        case .viewerJoined, .viewerLeft, .request: true
        default: false
        }
    }

    /// Creates the event of a camera's change to `state`.
    init(_ state: CameraState) {
        self =
            switch state {
            case .live: .cameraLive
            case .stale: .cameraStale
            case .offline: .cameraOffline
            }
    }
}
