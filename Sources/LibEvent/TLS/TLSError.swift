// SPDX-License-Identifier: MIT
internal import CLibEvent

/// What is wrong with a certificate or its key.
public struct TLSError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Whether the certificate is at fault, or its key.
    public enum Part: Sendable {
        case certificate
        case key
    }

    /// Which of the two files is at fault.
    public let part: Part
    /// What is wrong, in a few words.
    public let description: String

    init(_ part: Part, _ description: String) {
        self.part = part
        self.description = description
    }

    /// With OpenSSL's word for what has just failed behind ours.
    static func openSSL(_ part: Part, _ description: String) -> TLSError {
        // The last of several is the nearest to what was asked for.
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0, let reason = unsafe ERR_reason_error_string(code) else { return TLSError(part, description) }
        return TLSError(part, "\(description) (\(unsafe String(cString: reason)))")
    }
}
