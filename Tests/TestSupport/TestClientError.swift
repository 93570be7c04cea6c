// SPDX-License-Identifier: MIT
public import LibEvent

/// Why a test's client could not go on.
public enum TestClientError: Error, CustomStringConvertible {
    /// What was waited for did not come in time.
    case timedOut(waitingFor: String, received: String)
    /// The peer ended the connection before it came.
    case ended(waitingFor: String, received: String)
    /// The connection failed, e.g. was reset.
    case failed(LibEventError)
    /// What came is not what the protocol has here.
    case malformed(String)

    /// With what had come by then, so that a failure can be understood from the log alone.
    public var description: String {
        switch self {
        case .timedOut(let wanted, let received): "no \(wanted) in time; received: \(received)"
        case .ended(let wanted, let received): "the peer ended before \(wanted); received: \(received)"
        case .failed(let error): "\(error)"
        case .malformed(let what): "malformed: \(what)"
        }
    }

    /// The beginning of `bytes`, printable.
    public static func excerpt(_ bytes: some Sequence<UInt8>) -> String {
        let shown = bytes.prefix(200)
        var text = ""
        for byte in shown {
            switch byte {
            case 0x0D: text += "\\r"
            case 0x0A: text += "\\n"
            case 0x20..<0x7F: text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "."
            }
        }
        return "\"\(text)\""
    }
}
