// SPDX-License-Identifier: MIT

/// The reason why one written value is refused. `ConfigurationError` adds the place where it was written and what is
/// accepted.
struct ValueError: Error, Equatable {
    /// The value as it was written; of a repeated setting, the one that is wrong.
    let value: String
    /// The reason, in words that follow a colon: "not a whole number".
    let reason: String

    init(_ value: some StringProtocol, _ reason: String) {
        self.value = String(value)
        self.reason = reason
    }
}
