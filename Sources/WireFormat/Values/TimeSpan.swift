// SPDX-License-Identifier: MIT

/// Times as people write them: `250ms`, `10s`, `5m`, `24h`, `30d`.
public enum TimeSpan {
    /// The units in the order they are tried for printing, largest first.
    private static let units: [(name: String, milliseconds: Int)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Reads a time. A number alone is refused: nobody can tell whether 250 means seconds or milliseconds.
    public static func parse(_ text: String) throws(ValueError) -> Duration {
        let (number, unit) = try WholeNumber.withUnit(text)
        guard !unit.isEmpty else { throw ValueError(text, "a time needs a unit, as in \(number)s or \(number)ms") }
        guard let factor = units.first(where: { $0.name == unit })?.milliseconds else {
            throw ValueError(text, "the unit is none of ms, s, m, h, d")
        }
        let (milliseconds, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw ValueError(text, "out of range") }
        return .milliseconds(milliseconds)
    }

    /// Returns the shortest exact form of whole milliseconds: 60 seconds are `1m`, 90 are `90s`.
    public static func text(_ duration: Duration) -> String {
        for unit in units where duration >= .milliseconds(unit.milliseconds) {
            let number = Int(duration / .milliseconds(unit.milliseconds))
            if .milliseconds(number * unit.milliseconds) == duration { return "\(number)\(unit.name)" }
        }
        return "0s"
    }
}
