// SPDX-License-Identifier: MIT

/// The reason why one written value is refused. Whoever reads settings adds the place where it was written and what is
/// accepted.
public struct ValueError: Error, Equatable {
    /// The value as it was written; of a repeated setting, the one that is wrong.
    public let value: String
    /// The reason, in words that follow a colon: "not a whole number".
    public let reason: String

    /// Creates the error of one written value.
    public init(_ value: some StringProtocol, _ reason: String) {
        self.value = String(value)
        self.reason = reason
    }
}
