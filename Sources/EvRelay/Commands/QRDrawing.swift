// SPDX-License-Identifier: MIT
import LibEvent

/// Draws a QR code with half blocks: two modules, one above the other, in the place of a character, since those are twice
/// as high as wide. Pure.
enum QRDrawing {
    /// Light modules on each side, without which many readers do not find the code (ISO/IEC 18004 §9.1).
    static let quietZone = 4

    /// Black on white from the fixed part of the 256 colours: the first sixteen are themed, and a dark theme's black and
    /// white can be the wrong way round.
    private static let blackOnWhite = "\u{1B}[38;5;16;48;5;231m"
    private static let asBefore = "\u{1B}[0m"

    /// The code as lines of text, each with its line feed.
    ///
    /// - Parameter isColoured: with colours it looks the same on every terminal; without, it is made for light letters
    ///   on a dark ground: what is drawn are the light modules.
    static func text(_ code: QRCode, isColoured: Bool) -> String {
        let range = -quietZone..<code.width + quietZone
        var text = ""
        for row in stride(from: range.lowerBound, to: range.upperBound, by: 2) {
            if isColoured { text += blackOnWhite }
            for column in range {
                // The code has an odd number of rows; what is drawn below the last is quiet zone, or nothing.
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
