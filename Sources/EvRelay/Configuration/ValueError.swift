// SPDX-License-Identifier: MIT

/// Why one written value was not understood. `ConfigurationError` adds where it was written and what is accepted.
struct ValueError: Error, Equatable {
    /// The value as it was written; of a repeated setting the one that is wrong.
    let value: String
    /// What is wrong with it, in words that go on after a colon: "not a whole number".
    let reason: String

    init(_ value: some StringProtocol, _ reason: String) {
        self.value = String(value)
        self.reason = reason
    }
}
