// SPDX-License-Identifier: MIT
internal import COpenSSL

/// A fault in a certificate or its key.
public struct TLSError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The half of a pair that is at fault.
    public enum Part: Sendable {
        case certificate
        case key
    }

    /// The file at fault.
    public let part: Part
    /// The fault in a few words.
    public let description: String

    init(_ part: Part, _ description: String) {
        self.part = part
        self.description = description
    }

    /// Creates an error with OpenSSL's reason for the last failure after `description`.
    static func openSSL(_ part: Part, _ description: String) -> TLSError {
        // The last of several errors is the nearest to the operation that was asked for.
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0, let reason = unsafe ERR_reason_error_string(code) else { return TLSError(part, description) }
        return TLSError(part, "\(description) (\(unsafe String(cString: reason)))")
    }
}
