// SPDX-License-Identifier: MIT

/// The catalogue of reasons. Each is the `reason` of an error's JSON body, a label of the refusal counters and a word
/// of the log.
///
/// `docs/protocol.md`, `docs/openapi.yaml` and the pages' words have the same reasons; `RefusalCatalogueTests`
/// compares them.
enum RefusalReason: String, CaseIterable, Sendable {
    case badRequest = "bad-request"
    case badParameter = "bad-parameter"
    case badCameraName = "bad-camera-name"
    case badPublisherID = "bad-publisher-id"
    case badMultipart = "bad-multipart"
    case plainOnTLS = "http-on-tls-port"

    case keyRequired = "key-required"
    case keyWrong = "key-wrong"
    case tokenInvalid = "token-invalid"
    case tokenExpired = "token-expired"
    case tokenNotYetValid = "token-not-yet-valid"

    case publishingNotAllowed = "publishing-not-allowed"
    case originNotAllowed = "origin-not-allowed"
    case rightMissing = "right-missing"

    case notFound = "not-found"
    case unknownCamera = "unknown-camera"

    case methodNotAllowed = "method-not-allowed"
    case tooSlow = "too-slow"

    case cameraTakenOver = "camera-taken-over"
    case cameraTaken = "camera-taken"

    case lengthRequired = "length-required"

    case frameTooLarge = "frame-too-large"
    case bodyTooLarge = "body-too-large"

    case unsupportedType = "unsupported-type"
    case unsupportedEncoding = "unsupported-encoding"

    case expectationFailed = "expectation-failed"
    case unknownHost = "unknown-host"

    case notAJPEG = "not-a-jpeg"
    case delimiterInFrame = "delimiter-in-frame"

    case upgradeRequired = "upgrade-required"
    case webSocketVersion = "websocket-version"

    case tooManyConnections = "too-many-connections"
    case tooManyWrongKeys = "too-many-wrong-keys"

    case headTooLarge = "head-too-large"

    case internalError = "internal-error"
    case unknownMethod = "unknown-method"

    case connectionsFull = "connections-full"
    case viewersFull = "viewers-full"
    case camerasFull = "cameras-full"
    case frameMemoryFull = "frame-memory-full"
    case doctorsFull = "doctors-full"
    case draining
    case frameTooOld = "frame-too-old"

    case httpVersion = "http-version"
}

extension RefusalReason {
    /// The HTTP status (RFC 9110 section 15; 429 and 431: RFC 6585).
    var status: Int {
        switch self {
        case .badRequest, .badParameter, .badCameraName, .badPublisherID, .badMultipart, .plainOnTLS: 400
        case .keyRequired, .keyWrong, .tokenInvalid, .tokenExpired, .tokenNotYetValid: 401
        case .publishingNotAllowed, .originNotAllowed, .rightMissing: 403
        case .notFound, .unknownCamera: 404
        case .methodNotAllowed: 405
        case .tooSlow: 408
        case .cameraTakenOver, .cameraTaken: 409
        case .lengthRequired: 411
        case .frameTooLarge, .bodyTooLarge: 413
        case .unsupportedType, .unsupportedEncoding: 415
        case .expectationFailed: 417
        case .unknownHost: 421
        case .notAJPEG, .delimiterInFrame: 422
        case .upgradeRequired, .webSocketVersion: 426
        case .tooManyConnections, .tooManyWrongKeys: 429
        case .headTooLarge: 431
        case .internalError: 500
        case .unknownMethod: 501
        case .connectionsFull, .viewersFull, .camerasFull, .frameMemoryFull, .doctorsFull, .draining, .frameTooOld: 503
        case .httpVersion: 505
        }
    }

    /// True for a credential that is wrong, or was tried too often. Checking it again would count once more.
    var isOfWrongCredential: Bool {
        switch self {
        case .keyWrong, .tokenInvalid, .tokenExpired, .tokenNotYetValid, .tooManyWrongKeys: true
        default: false
        }
    }
}
