// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import WireFormat

@Suite struct HTTPDateTests {
    private static let known: [(Int64, String)] = [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT"),
        (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"), (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
        (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"), (1_735_689_600, "Wed, 01 Jan 2025 00:00:00 GMT"),
        (2_147_483_648, "Tue, 19 Jan 2038 03:14:08 GMT"), (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ]

    @Test(arguments: known)
    func `known dates are written and read`(seconds: Int64, text: String) {
        #expect(HTTPDate.format(unixSeconds: seconds) == text)
        #expect(HTTPDate.parse(text) == seconds)
    }

    @Test func `every day of four centuries comes back`() {
        for day in stride(from: Int64(0), to: 146_097, by: 1) {
            let seconds = day * 86_400 + day % 86_400
            #expect(HTTPDate.parse(HTTPDate.format(unixSeconds: seconds)) == seconds)
        }
    }

    @Test func `times outside the years are brought into them`() {
        #expect(HTTPDate.format(unixSeconds: -1) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(HTTPDate.format(unixSeconds: .min) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(HTTPDate.format(unixSeconds: .max) == "Fri, 31 Dec 9999 23:59:59 GMT")
    }

    @Test func `dates before 1970 are read`() {
        #expect(HTTPDate.parse("Wed, 31 Dec 1969 23:59:59 GMT") == -1)
        #expect(HTTPDate.parse("Sat, 01 Jan 0000 00:00:00 GMT") == -62_167_219_200)
    }

    @Test func `a leap second counts as the one behind it`() {
        #expect(HTTPDate.parse("Sat, 31 Dec 2016 23:59:60 GMT") == 1_483_228_800)
    }

    @Test(arguments: [
        "", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994", "Mon, 06 Nov 1994 08:49:37 GMT", "sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Thu, 29 Feb 2023 00:00:00 GMT", "Mon, 29 Feb 2100 00:00:00 GMT", "Thu, 31 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT", "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 19x4 08:49:37 GMT", "Sun  06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08-49-37 GMT",
    ])
    func `anything else is no date`(text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }

    @Test func `random texts of the right length never trap`() {
        var random = SeededGenerator(seed: 8)
        let good = Array("Sun, 06 Nov 1994 08:49:37 GMT".utf8)
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<3 { bytes[Int(random.next() % 29)] = UInt8(random.next() & 127) }
            if let seconds = HTTPDate.parse(String(decoding: bytes, as: UTF8.self)), seconds >= 0 {
                #expect(HTTPDate.parse(HTTPDate.format(unixSeconds: seconds)) == seconds)
            }
        }
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"), (1_795_370_400_123_999, "2026-11-22T18:00:00.123Z"),
        (951_868_799_999_999, "2000-02-29T23:59:59.999Z"), (-1, "1970-01-01T00:00:00.000Z"),
        (Int64.max, "9999-12-31T23:59:59.999Z"),
    ])
    func `times for JSON have milliseconds`(microseconds: Int64, text: String) {
        #expect(HTTPDate.iso8601Milliseconds(microseconds: microseconds) == text)
    }
}
