// SPDX-License-Identifier: MIT

/// A day of the Gregorian calendar. In the arithmetic a year begins in March, so that the leap day is its last day. An
/// era has 400 years, after which the calendar repeats.
struct CivilDate: Equatable {
    let year, month, day: Int

    private static let daysPerEra = 146_097
    /// The days from 1 March of the year 0 to 1 January 1970.
    private static let daysTo1970 = 719_468

    /// Creates a day of the years 0 to 9999; nil if it does not exist.
    init?(year: Int, month: Int, day: Int) {
        guard 0...9999 ~= year, 1...12 ~= month else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard 1...lengths[month - 1] ~= day else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Creates the day that is this many days after 1970-01-01, 0 or more.
    init(daysSince1970: Int64) {
        let days = Int(daysSince1970) + Self.daysTo1970
        let era = days / Self.daysPerEra
        let dayOfEra = days % Self.daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // The months from March on have 31, 30, 31, 30, 31 days, repeatedly: 153 days in five months.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01, negative before it.
    var daysSince1970: Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * Self.daysPerEra + dayOfEra - Self.daysTo1970)
    }
}
