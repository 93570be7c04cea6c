// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@testable import EvRelay

@Suite struct ParameterTests {
    @Test func `a parameter that is not there is nil`() throws {
        let empty = try query("")
        #expect(try Parameter.flag("x", in: empty) == nil)
        #expect(try Parameter.integer("x", in: empty, 1...9) == nil)
        #expect(try Parameter.decimal("x", in: empty, 1...9) == nil)
        #expect(try Parameter.integer("x", in: query("X=5&xx=6"), 1...9) == nil)
    }

    @Test func `the first of several counts`() throws {
        #expect(try Parameter.integer("x", in: query("x=5&x=6"), 1...9) == 5)
        #expect(throws: ParameterError.self) { try Parameter.integer("x", in: query("x=&x=6"), 1...9) }
    }

    @Test func `a flag is 0 or 1 and nothing else`() throws {
        #expect(try Parameter.flag("x", in: query("x=0")) == false)
        #expect(try Parameter.flag("x", in: query("x=1")) == true)
        for text in ["", "2", "true", "01", "-0", "1.0", "yes", "1 "] {
            let encoded = text.split(separator: " ", omittingEmptySubsequences: false).joined(separator: "%20")
            #expect(throws: ParameterError(name: "x", value: text, accepted: "0 or 1")) {
                try Parameter.flag("x", in: query("x=\(encoded)"))
            }
        }
        #expect(throws: ParameterError.self) { try Parameter.flag("x", in: query("x")) }
    }

    @Test(arguments: [
        ("1", 1), ("1000000000", 1_000_000_000), ("0001", 1), ("00000000000000000005", 5),
    ])
    func `an integer within its range is taken`(_ text: String, _ value: Int) throws {
        #expect(try Parameter.integer("x", in: query("x=\(text)"), 1...1_000_000_000) == value)
    }

    @Test(arguments: [
        "0", "1000000001", "-1", "+1", "%2B1", "1e3", "1.0", ".", "", "x", "1x", "0x1", "١", "1_0", "%201", "1%20",
        "9223372036854775808", "99999999999999999999", "000000000000000000005", "%EF%BC%91",
    ])
    func `an integer out of its range or in another form is refused`(_ text: String) throws {
        #expect(throws: ParameterError.self) {
            try Parameter.integer("x", in: query("x=\(Self.encoded(text))"), 1...1_000_000_000)
        }
    }

    @Test func `the largest integers there are`() throws {
        #expect(try Parameter.integer("x", in: query("x=9223372036854775807"), 0...Int64.max) == .max)
        #expect(try Parameter.integer("x", in: query("x=0"), 0...Int64.max) == 0)
        #expect(throws: ParameterError.self) {
            try Parameter.integer("x", in: query("x=9223372036854775808"), 0...Int64.max)
        }
        #expect(throws: ParameterError.self) { try Parameter.integer("x", in: query("x=256"), UInt8(0)...255) }
    }

    @Test(arguments: [
        ("0.01", 0.01), ("1000", 1000), ("1000.0", 1000), ("29.97", 29.97), ("5", 5), ("05.50", 5.5), (".5", 0.5),
        ("0.010000000000000000", 0.01),
    ])
    func `a decimal number within its range is taken`(_ text: String, _ value: Double) throws {
        #expect(try Parameter.decimal("x", in: query("x=\(text)"), 0.01...1000) == value)
    }

    @Test(arguments: [
        "0", "0.0", "0.009999", "1000.1", "1001", "-1", "-0", "+5", "%2B5", "1e2", "1E2", "inf", "nan", "infinity",
        "0x10", "1,5", "1.2.3", "..", ".", "", "%205", "5%20", "99999999999999999999", "0.010000000000000000000",
        "٥",
    ])
    func `a decimal number out of its range or in another form is refused`(_ text: String) throws {
        #expect(throws: ParameterError.self) {
            try Parameter.decimal("x", in: query("x=\(Self.encoded(text))"), 0.01...1000)
        }
    }

    @Test func `the answer names parameter, value and what would be accepted`() throws {
        let error = try #require(throws: ParameterError.self) {
            try Parameter.integer("frames", in: query("frames=0"), 1...1_000_000_000)
        }
        #expect(
            Refusal(error)
                == Refusal(
                    .badParameter, "frames=0 cannot be used; accepted: a whole number from 1 to 1000000000."))
        let decimal = try #require(throws: ParameterError.self) {
            try Parameter.decimal("fps", in: query("fps=0"), 0.01...1000)
        }
        #expect(Refusal(decimal).message == "fps=0 cannot be used; accepted: a number from 0.01 to 1000.0.")
    }

    @Test func `a long value is cut in the answer`() throws {
        let error = try #require(throws: ParameterError.self) {
            try Parameter.integer("x", in: query("x=" + String(repeating: "9", count: 5000)), 1...9)
        }
        #expect(Refusal(error).message.count < 120)
    }

    /// Percent-encodes bytes beyond ASCII, as a client does.
    private static func encoded(_ text: String) -> String {
        text.utf8.map { $0 < 0x80 ? String(decoding: [$0], as: UTF8.self) : "%" + String($0, radix: 16) }.joined()
    }
}
