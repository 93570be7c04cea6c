// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@Suite struct WebSocketWriterTests {
    @Test func `the frames of the RFC's examples`() {
        #expect(WebSocketWriter.text("Hello") == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        #expect(
            WebSocketWriter.text("Hello", mask: exampleMask)
                == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
        #expect(WebSocketWriter.frame(.text, Array("Hel".utf8), isFinal: false) == [0x01, 0x03, 0x48, 0x65, 0x6C])
        #expect(WebSocketWriter.frame(.continuation, Array("lo".utf8)) == [0x80, 0x02, 0x6C, 0x6F])
        #expect(WebSocketWriter.ping(Array("Hello".utf8)) == [0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        let bytes = [UInt8](repeating: 7, count: 256)
        #expect(WebSocketWriter.binary(bytes) == [0x82, 0x7E, 0x01, 0x00] + bytes)
        let more = [UInt8](repeating: 7, count: 65_536)
        #expect(WebSocketWriter.binary(more) == [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + more)
    }

    @Test func `a close frame has a code and as much of its reason as fits`() {
        #expect(WebSocketWriter.close(code: 1001) == [0x88, 0x02, 0x03, 0xE9])
        let frame = WebSocketWriter.close(code: 1000, reason: String(repeating: "я", count: 80))
        // 61 letters of two bytes fit the 123 bytes; half a letter would not be UTF-8.
        #expect(frame.count == 2 + 2 + 122)
        #expect(String(validating: frame[4...], as: UTF8.self) == String(repeating: "я", count: 61))
    }

    @Test func `control frames keep to 125 bytes`() {
        let bytes = [UInt8](repeating: 1, count: 126)
        #expect(WebSocketWriter.ping(bytes).count == 2 + 125)
        #expect(WebSocketWriter.pong(bytes, mask: exampleMask).count == 2 + 4 + 125)
    }
}
