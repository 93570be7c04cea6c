// SPDX-License-Identifier: MIT

/// Dates in UTC as HTTP and JSON write them, without a calendar library.
public enum HTTPDate {
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    /// 9999-12-31T23:59:59Z, the latest time: a later year has more than four digits.
    private static let maxSeconds: Int64 = 253_402_300_799

    /// Returns the IMF-fixdate of RFC 9110 §5.6.7, such as `Sun, 06 Nov 1994 08:49:37 GMT`, for a number of seconds
    /// since 1970. The time is clamped to the years 1970 to 9999.
    public static func format(unixSeconds: Int64) -> String {
        let seconds = min(max(unixSeconds, 0), maxSeconds)
        let days = seconds / 86_400
        let date = CivilDate(daysSince1970: days)
        var text: [UInt8] = []
        text.reserveCapacity(29)
        text.append(weekdays[Int((days + 4) % 7)])
        text.append(", ")
        text.appendDecimal(Int64(date.day), minimumDigits: 2)
        text.append(" ")
        text.append(months[date.month - 1])
        text.append(" ")
        text.appendDecimal(Int64(date.year), minimumDigits: 4)
        text.append(" ")
        appendTime(seconds % 86_400, to: &text)
        text.append(" GMT")
        return String(decoding: text, as: UTF8.self)
    }

    /// Returns the seconds since 1970 of an IMF-fixdate, strictly as `format` writes it. Nil for everything else,
    /// including the two obsolete forms and a wrong weekday. A leap second counts as the second after it.
    public static func parse(_ text: String) -> Int64? {
        let bytes = text.utf8.span
        guard bytes.count == 29, ByteSearch.has(", ".utf8.span, at: 3, in: bytes), bytes[7] == ASCII.space,
            bytes[11] == ASCII.space, bytes[16] == ASCII.space, bytes[19] == ASCII.colon, bytes[22] == ASCII.colon,
            ByteSearch.has(" GMT".utf8.span, at: 25, in: bytes),
            let weekday = weekdays.firstIndex(where: { ByteSearch.has($0.utf8.span, at: 0, in: bytes) }),
            let month = months.firstIndex(where: { ByteSearch.has($0.utf8.span, at: 8, in: bytes) }),
            let day = ASCII.decimal(bytes.extracting(5..<7)), let year = ASCII.decimal(bytes.extracting(12..<16)),
            let hour = ASCII.decimal(bytes.extracting(17..<19)),
            let minute = ASCII.decimal(bytes.extracting(20..<22)),
            let second = ASCII.decimal(bytes.extracting(23..<25)), hour < 24, minute < 60, second <= 60,
            let date = CivilDate(year: year, month: month + 1, day: day)
        else { return nil }
        let days = date.daysSince1970
        // 1970 began on a Thursday; days before it are negative.
        guard ((days + 4) % 7 + 7) % 7 == weekday else { return nil }
        return days * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
    }

    /// Returns a time such as `2026-11-22T18:00:00.123Z` for a number of microseconds since 1970. The time is clamped
    /// to the years 1970 to 9999, and fractions of a millisecond are cut off.
    public static func iso8601Milliseconds(microseconds: Int64) -> String {
        let milliseconds = min(max(microseconds, 0) / 1_000, maxSeconds * 1_000 + 999)
        let seconds = milliseconds / 1_000
        let date = CivilDate(daysSince1970: seconds / 86_400)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        text.appendDecimal(Int64(date.year), minimumDigits: 4)
        text.append("-")
        text.appendDecimal(Int64(date.month), minimumDigits: 2)
        text.append("-")
        text.appendDecimal(Int64(date.day), minimumDigits: 2)
        text.append("T")
        appendTime(seconds % 86_400, to: &text)
        text.append(".")
        text.appendDecimal(milliseconds % 1_000, minimumDigits: 3)
        text.append("Z")
        return String(decoding: text, as: UTF8.self)
    }

    private static func appendTime(_ secondOfDay: Int64, to text: inout [UInt8]) {
        text.appendDecimal(secondOfDay / 3_600, minimumDigits: 2)
        text.append(":")
        text.appendDecimal(secondOfDay / 60 % 60, minimumDigits: 2)
        text.append(":")
        text.appendDecimal(secondOfDay % 60, minimumDigits: 2)
    }
}
