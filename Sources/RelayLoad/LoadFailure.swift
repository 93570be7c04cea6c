// SPDX-License-Identifier: MIT
import LibEvent
import System

/// The reason why a run could not begin or finish.
struct LoadFailure: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension ClientError {
    /// Returns the error of a connection to `address` as a part of a sentence.
    func text(about address: ClientAddress) -> String {
        switch self {
        case .notConnected(let error), .broken(let error): "\(error)"
        case .handshakeFailed, .timedOut(.handshake): "\(SystemError("TLS handshake with", subject: "\(address)"))"
        default: "\(self)"
        }
    }
}
