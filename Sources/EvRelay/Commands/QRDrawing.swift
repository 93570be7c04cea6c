// SPDX-License-Identifier: MIT
import LibEvent
import System

/// Draws a QR code with half blocks. A character shows two modules, one above the other, since it is about twice as
/// high as wide. Pure.
enum QRDrawing {
    /// The width of the light margin, in modules. Without it many readers do not find the code (ISO/IEC 18004 §9.1).
    static let quietZone = 4

    /// Black on white from the fixed part of the 256 colours. The first sixteen depend on the theme, and a dark theme
    /// may swap black and white.
    private static let blackOnWhite = "\u{1B}[38;5;16;48;5;231m"
    private static let asBefore = "\u{1B}[0m"

    /// Returns the code as lines of text, each with its line feed.
    ///
    /// - Parameter isColoured: true for colours, with which the code looks the same on every terminal. False to draw
    ///   the light modules, for light text on a dark background.
    static func text(_ code: QRCode, isColoured: Bool) -> String {
        let range = -quietZone..<code.width + quietZone
        var text = ""
        for row in stride(from: range.lowerBound, to: range.upperBound, by: 2) {
            if isColoured { text += blackOnWhite }
            for column in range {
                // The number of rows is odd. Below the last row there is quiet zone in colour, and nothing without.
                let isUpperDrawn = code.isDark(column: column, row: row) == isColoured
                let isLowerDrawn =
                    code.isDark(column: column, row: row + 1) == isColoured
                    && (isColoured || row + 1 < range.upperBound)
                text += block(isUpperDrawn, isLowerDrawn)
            }
            text += (isColoured ? asBefore : "") + "\n"
        }
        return text
    }

    private static func block(_ isUpperDrawn: Bool, _ isLowerDrawn: Bool) -> String {
        switch (isUpperDrawn, isLowerDrawn) {
        case (true, true): "█"
        case (true, false): "▀"
        case (false, true): "▄"
        case (false, false): " "
        }
    }
}
