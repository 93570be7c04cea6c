// SPDX-License-Identifier: MIT

/// A value is missing that a fixture cannot do without.
struct MissingValue: Error {}

/// Returns `value`, as `#require` does, which a module that is no test cannot use.
func required<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw MissingValue() }
    return value
}
