// SPDX-License-Identifier: MIT
import LibEvent
public import System

/// An error that ends the work of a test's client.
public enum TestClientError: Error, CustomStringConvertible {
    /// The expected bytes did not come in time.
    case timedOut(waitingFor: String, received: String)
    /// The peer ended the connection before they came.
    case ended(waitingFor: String, received: String)
    /// The connection failed, e.g. was reset.
    case failed(SystemError)
    /// The received bytes are not what the protocol requires.
    case malformed(String)

    /// Converts a socket's error.
    init(_ error: ClientError) {
        if case .broken(let reason) = error {
            self = .failed(reason)
        } else {
            self = .failed(SystemError("\(error)"))
        }
    }

    /// The error with the bytes received by then, so that the log alone explains a failure.
    public var description: String {
        switch self {
        case .timedOut(let wanted, let received): "no \(wanted) in time; received: \(received)"
        case .ended(let wanted, let received): "the peer ended before \(wanted); received: \(received)"
        case .failed(let error): "\(error)"
        case .malformed(let what): "malformed: \(what)"
        }
    }

    /// Returns the beginning of `bytes`, printable.
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
