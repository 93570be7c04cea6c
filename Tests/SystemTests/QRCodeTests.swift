// SPDX-License-Identifier: MIT
import System
import Testing

@Suite struct QRCodeTests {
    /// ISO/IEC 18004 §6.3.3: seven by seven, a light ring inside a dark one, and three by three dark.
    private static let finder = [
        "#######", "#     #", "# ### #", "# ### #", "# ### #", "#     #", "#######",
    ]

    @Test(arguments: [1, 17, 18, 300, QRCode.maxBytes]) func `three corners have a finder`(_ count: Int) throws {
        let code = try QRCode(String(repeating: "x", count: count))
        #expect((21...177).contains(code.width) && code.width % 4 == 1)
        let far = code.width - 7
        for (column, row) in [(0, 0), (far, 0), (0, far)] {
            let seen = (0..<7).map { y in
                String((0..<7).map { x in code.isDark(column: column + x, row: row + y) ? "#" : " " })
            }
            #expect(seen == Self.finder)
        }
    }

    @Test func `a code grows with its text`() throws {
        #expect(try QRCode(String(repeating: "x", count: 17)).width == 21)
        #expect(try QRCode(String(repeating: "x", count: 18)).width == 25)
        #expect(try QRCode(String(repeating: "x", count: QRCode.maxBytes)).width == 177)
    }

    @Test func `around a code everything is light`() throws {
        let code = try QRCode("x")
        for (column, row) in [(-1, 0), (0, -1), (code.width, 0), (0, code.width), (.min, .max)] {
            #expect(!code.isDark(column: column, row: row))
        }
    }

    @Test func `nothing and too much are refused`() {
        #expect(throws: SystemError.self) { try QRCode("") }
        #expect(throws: SystemError.self) { try QRCode(String(repeating: "x", count: QRCode.maxBytes + 1)) }
    }
}
