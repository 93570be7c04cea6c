// SPDX-License-Identifier: MIT

/// A check of the doctor.
enum DoctorCheck: String, Sendable, CaseIterable {
    case connection
    case certificate
    case reach
    case head
    case small
    case large
    case socket
    case upload
    case body
    case clock
    case proxy
    case host
    case scheme
    case `protocol`
    case publishing
    case secure
    case camera
    case browser

    /// Returns the checks that can be made of these measurements, in the order in which they are shown.
    static func all(of measurements: DoctorMeasurements) -> [DoctorCheck] {
        allCases.filter { check in
            switch check {
            case .connection: measurements.asker == .terminal
            case .certificate: measurements.asker == .terminal && measurements.target.isSecure
            case .camera, .browser: measurements.asker == .page
            default: true
            }
        }
    }

    /// False for what is known of a device without any answer of a relay, and for the answer itself.
    var needsRelay: Bool {
        switch self {
        case .connection, .certificate, .reach, .secure, .camera, .browser: false
        default: true
        }
    }

    /// The heading on the page; nil for a check that a page cannot make.
    var title: DoctorPhrase? {
        switch self {
        case .connection, .certificate: nil
        case .reach: .reachTitle
        case .head: .headTitle
        case .small: .smallTitle
        case .large: .largeTitle
        case .socket: .socketTitle
        case .upload: .uploadTitle
        case .body: .bodyTitle
        case .clock: .clockTitle
        case .proxy: .proxyTitle
        case .host: .hostTitle
        case .scheme: .schemeTitle
        case .protocol: .protocolTitle
        case .publishing: .publishingTitle
        case .secure: .secureTitle
        case .camera: .cameraTitle
        case .browser: .browserTitle
        }
    }
}
