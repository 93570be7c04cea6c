// SPDX-License-Identifier: MIT
import LibEvent
import System
import Testing

@testable import EvRelay

@Suite struct QRDrawingTests {
    private let code: QRCode
    private let blackOnWhite = "\u{1B}[38;5;16;48;5;231m"

    init() throws {
        code = try QRCode("https://cam.example.org/")
    }

    /// Returns the dark modules of a drawing, read back from its characters.
    private func darkModules(_ lines: [Substring], isColoured: Bool) -> [[Bool]] {
        lines.flatMap { line -> [[Bool]] in
            let halves = line.map { character -> (Bool, Bool) in
                (character == "█" || character == "▀", character == "█" || character == "▄")
            }
            return [halves.map { $0.0 == isColoured }, halves.map { $0.1 == isColoured }]
        }
    }

    @Test(arguments: [true, false]) func `a drawing has every module and a quiet zone of four`(_ isColoured: Bool)
        throws
    {
        var lines = QRDrawing.text(code, isColoured: isColoured).split(separator: "\n")
        if isColoured {
            for line in lines { #expect(line.hasPrefix(blackOnWhite) && line.hasSuffix("\u{1B}[0m")) }
            lines = lines.map { $0.dropFirst(blackOnWhite.count).dropLast(4) }
        }
        let rows = darkModules(lines, isColoured: isColoured)
        #expect(rows.count == code.width + 9)
        for (index, row) in rows.dropLast().enumerated() {
            #expect(row.count == code.width + 8)
            for (place, isDark) in row.enumerated() {
                #expect(isDark == code.isDark(column: place - 4, row: index - 4), "\(place), \(index)")
            }
        }
    }

    @Test func `without colours there is nothing but blocks`() {
        let text = QRDrawing.text(code, isColoured: false)
        #expect(text.allSatisfy { "█▀▄ \n".contains($0) })
    }
}
