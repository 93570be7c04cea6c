// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@Suite struct ValueTests {
    @Test(arguments: [
        ("0", 0), ("4096", 4096), ("512B", 512), ("800KB", 800_000), ("64KiB", 65536), ("5MB", 5_000_000),
        ("5MiB", 5_242_880), ("1GB", 1_000_000_000), ("1GiB", 1_073_741_824), ("007KB", 7000),
    ])
    func `a size is read`(_ text: String, _ bytes: Int) throws {
        #expect(try ByteSize.parse(text) == bytes)
    }

    @Test(arguments: [
        "", " ", "5 MiB", "MiB", "5mib", "5M", "5Mb", "5TiB", "-5MiB", "+5", "1.5MiB", "0x10", "5MiB ", " 5MiB", "٥",
        "5e3", "9223372036854775808", "9007199254740992MiB",
    ])
    func `a wrong size is refused`(_ text: String) {
        #expect(throws: ValueError.self) { try ByteSize.parse(text) }
    }

    @Test(arguments: [
        (0, "0B"), (1, "1B"), (1023, "1023B"), (1024, "1KiB"), (1025, "1025B"), (5_242_880, "5MiB"),
        (800_000, "800KB"), (5_000_000, "5MB"), (68_719_476_736, "64GiB"), (1_024_000, "1000KiB"),
    ])
    func `a size is written exactly and read back`(_ bytes: Int, _ text: String) throws {
        #expect(ByteSize.text(bytes) == text)
        #expect(try ByteSize.parse(text) == bytes)
    }

    @Test(arguments: [
        ("0s", Duration.zero), ("250ms", .milliseconds(250)), ("10s", .seconds(10)), ("5m", .seconds(300)),
        ("24h", .seconds(86400)), ("30d", .seconds(2_592_000)),
    ])
    func `a time is read`(_ text: String, _ duration: Duration) throws {
        #expect(try TimeSpan.parse(text) == duration)
    }

    @Test(arguments: [
        "", "s", "5 s", "5S", "5M", "5sec", "1.5s", "-5s", "+5s", "5s ", " 5s", "1m30s", "5us", "9223372036854775808s",
        "9223372036854775807d", "٥s",
    ])
    func `a wrong time is refused`(_ text: String) {
        #expect(throws: ValueError.self) { try TimeSpan.parse(text) }
    }

    @Test func `a time without a unit is refused with the units it could have`() throws {
        let error = try #require(throws: ValueError.self) { try TimeSpan.parse("250") }
        #expect(error == ValueError("250", "a time needs a unit, as in 250s or 250ms"))
    }

    @Test(arguments: [
        (Duration.zero, "0s"), (.milliseconds(1), "1ms"), (.milliseconds(999), "999ms"), (.seconds(1), "1s"),
        (.milliseconds(1500), "1500ms"), (.seconds(60), "1m"), (.seconds(90), "90s"), (.seconds(3600), "1h"),
        (.seconds(86400), "1d"), (.seconds(90000), "25h"),
    ])
    func `a time is written exactly and read back`(_ duration: Duration, _ text: String) throws {
        #expect(TimeSpan.text(duration) == text)
        #expect(try TimeSpan.parse(text) == duration)
    }

    @Test(arguments: ["", "x", "-", "--1", "+1", "1.0", "1 ", " 1", "0x1", "1e3", "١"])
    func `what is not a whole number is refused`(_ text: String) throws {
        let error = try #require(throws: ValueError.self) { try WholeNumber.parse(text) }
        #expect(error == ValueError(text, "not a whole number"))
    }

    @Test(arguments: ["9223372036854775808", "-9223372036854775809"])
    func `a number beyond 64 bits is out of range`(_ text: String) throws {
        let error = try #require(throws: ValueError.self) { try WholeNumber.parse(text) }
        #expect(error == ValueError(text, "out of range"))
    }
}
