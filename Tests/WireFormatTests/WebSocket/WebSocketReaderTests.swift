// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import WireFormat

@Suite struct WebSocketReaderTests {
    private func events(_ frames: [UInt8]..., from sender: WebSocketSender = .client) -> [WebSocketReader.Event] {
        let reading = readWebSocketEveryWay(frames.flatMap { $0 }, from: sender)
        #expect(reading.error == nil)
        return reading.events
    }

    private func error(
        _ frames: [UInt8]..., max: Int = 1024, from sender: WebSocketSender = .client
    ) -> WebSocketError? {
        readWebSocketEveryWay(frames.flatMap { $0 }, from: sender, max: max).error
    }

    @Test func `the frames of the RFC's examples`() {
        #expect(events([0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F], from: .server) == [.text("Hello")])
        #expect(
            events([0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]) == [.text("Hello")])
        #expect(
            events([0x01, 0x03, 0x48, 0x65, 0x6C], [0x80, 0x02, 0x6C, 0x6F], from: .server) == [.text("Hello")])
        #expect(events([0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F], from: .server) == [.ping(Array("Hello".utf8))])
        #expect(
            events([0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
                == [.pong(Array("Hello".utf8))])
    }

    @Test(arguments: [0, 1, 125, 126, 127, 65_535, 65_536])
    func `lengths where the form of the header changes`(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for mask in [exampleMask, nil] {
            let frame = WebSocketWriter.binary(payload, mask: mask)
            let header = (count < 126 ? 2 : count < 65_536 ? 4 : 10) + (mask == nil ? 0 : 4)
            #expect(frame.count == header + count)
            let reader = WebSocketReader(
                from: mask == nil ? .server : .client, maxMessageBytes: count, accepting: .binary)
            for pieces in [[frame.count], [header, count], [header + 1, count], [1, 1, 1, 1, 1, 1]] {
                #expect(readWebSocket(frame, pieces: pieces, reader).events == [.binary(payload)])
            }
        }
    }

    @Test func `control frames may stand between the frames of a message`() {
        let mask = exampleMask
        #expect(
            events(
                WebSocketWriter.frame(.text, Array("две".utf8.prefix(3)), isFinal: false, mask: mask),
                WebSocketWriter.ping([1, 2, 3, 4, 5], mask: mask),
                WebSocketWriter.frame(.continuation, [], isFinal: false, mask: mask),
                WebSocketWriter.pong([], mask: mask),
                WebSocketWriter.frame(.continuation, Array("две".utf8.dropFirst(3)), mask: mask),
                WebSocketWriter.binary([], mask: mask))
                == [.ping([1, 2, 3, 4, 5]), .pong([]), .text("две"), .binary([])])
    }

    @Test func `a close ends the reading, whatever follows`() {
        let frames = WebSocketWriter.close(code: 1000, reason: "конец", mask: exampleMask) + [0xFF, 0xFF]
        let reading = readWebSocketEveryWay(frames)
        #expect(reading.events == [.close(code: 1000, reason: "конец")])
        #expect(reading.hasEnded)
        #expect(reading.readBytes == frames.count - 2)
        #expect(events([0x88, 0x80, 0, 0, 0, 0]) == [.close(code: nil, reason: "")])
    }

    @Test(arguments: [1000, 1003, 1007, 1014, 3000, 4999])
    func `a close code that may be sent is told`(code: UInt16) {
        #expect(events(WebSocketWriter.close(code: code, mask: exampleMask)) == [.close(code: code, reason: "")])
    }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535])
    func `a close code that may not be sent is refused`(code: UInt16) {
        #expect(error(WebSocketWriter.close(code: code, mask: exampleMask)) == .badClose)
    }

    @Test func `what breaks the rules is refused at the first byte that does`() {
        #expect(error([0xC1]) == .reservedBits)
        #expect(error([0xA1]) == .reservedBits)
        #expect(error([0x91]) == .reservedBits)
        for opcode: UInt8 in [3, 7, 11, 15] { #expect(error([0x80 | opcode]) == .unknownOpcode(opcode)) }
        #expect(error([0x09]) == .fragmentedControl)
        #expect(error([0x81, 0x05]) == .notMasked)
        #expect(error([0x81, 0x85], from: .server) == .masked)
        #expect(error([0x89, 0xFE]) == .controlTooLong)
        #expect(error([0x82, 0xFE, 0, 125]) == .lengthNotMinimal)
        #expect(error([0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) == .lengthNotMinimal)
        #expect(error([0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0]) == .lengthOutOfRange)
        #expect(error([0x80, 0x80, 0, 0, 0, 0]) == .nothingToContinue)
        #expect(error([0x01, 0x80, 0, 0, 0, 0], [0x81, 0x80, 0, 0, 0, 0]) == .messageInsideMessage)
        #expect(error([0x88, 0x81, 0, 0, 0, 0, 3]) == .badClose)
    }

    @Test func `text must be UTF-8, over the frames of a message as a whole`() {
        let mask = exampleMask
        #expect(error(WebSocketWriter.frame(.text, [0xC0, 0x80], mask: mask)) == .notUTF8)
        #expect(error(WebSocketWriter.frame(.text, [0xED, 0xA0, 0x80], mask: mask)) == .notUTF8)
        #expect(error(WebSocketWriter.frame(.text, [0xD0], mask: mask)) == .notUTF8)
        #expect(error(WebSocketWriter.frame(.close, [0x03, 0xE8, 0xD0], mask: mask)) == .notUTF8)
        #expect(events(WebSocketWriter.binary([0xC0, 0x80], mask: mask)) == [.binary([0xC0, 0x80])])
    }

    @Test func `a message may be as long as the limit, in any number of frames, and no longer`() {
        let mask = exampleMask
        let first = WebSocketWriter.frame(.binary, [1, 2, 3], isFinal: false, mask: mask)
        #expect(error(first, WebSocketWriter.frame(.continuation, [4], mask: mask), max: 4) == nil)
        #expect(
            error(first, WebSocketWriter.frame(.continuation, [4, 5], mask: mask), max: 4)
                == .messageTooLarge(limitBytes: 4))
        #expect(error(first, max: 2) == .messageTooLarge(limitBytes: 2))
        #expect(error([0x82, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7)) == .messageTooLarge(limitBytes: 1024))
        // A ping has a limit of its own.
        #expect(error(WebSocketWriter.ping([UInt8](repeating: 0, count: 125), mask: mask), max: 1) == nil)
    }

    @Test func `only the kinds that are accepted get through`() {
        let text = WebSocketWriter.text("a", mask: exampleMask)
        let binary = WebSocketWriter.binary([1], mask: exampleMask)
        #expect(readWebSocketEveryWay(text, accepting: .binary).error == .unacceptedKind)
        #expect(readWebSocketEveryWay(binary, accepting: .text).error == .unacceptedKind)
        #expect(readWebSocketEveryWay(binary, accepting: .binary).events == [.binary([1])])
    }

    @Test func `frames cut anywhere want more`() {
        let frame = WebSocketWriter.text("Hello", mask: exampleMask)
        let reader = WebSocketReader(from: .client, maxMessageBytes: 8, accepting: .text)
        for count in 0..<frame.count {
            let reading = readWebSocket(Array(frame[..<count]), pieces: [count], reader)
            #expect(reading.events.isEmpty && reading.error == nil && !reading.hasEnded, "\(count) bytes")
        }
    }

    @Test func `random bytes are read the same way however they are cut`() {
        var random = SeededGenerator(seed: 6455)
        let alphabet: [UInt8] = [
            0x81, 0x01, 0x80, 0x00, 0x82, 0x88, 0x89, 0x0A, 0x83, 0xFE, 0x7F, 0x03, 0xE8, 0x41, 0xD0,
        ]
        var completed = 0
        for round in 0..<20_000 {
            let input = (0..<Int(random.next() % 32)).map { _ in
                round.isMultiple(of: 2)
                    ? UInt8(truncatingIfNeeded: random.next()) : alphabet[Int(random.next() % UInt64(alphabet.count))]
            }
            let reader = WebSocketReader(
                from: round.isMultiple(of: 3) ? .server : .client, maxMessageBytes: 64, accepting: [.text, .binary])
            let whole = readWebSocket(input, pieces: [input.count], reader)
            let bytewise = readWebSocket(input, pieces: [Int](repeating: 1, count: input.count), reader)
            #expect(whole.events == bytewise.events && whole.error == bytewise.error, "\(input)")
            completed += whole.events.count
        }
        #expect(completed > 100)
    }

    @Test func `each error has the code that closes the connection, and a message that fits`() {
        #expect(WebSocketError.unacceptedKind.closeCode == 1003)
        #expect(WebSocketError.notUTF8.closeCode == 1007)
        #expect(WebSocketError.messageTooLarge(limitBytes: 7).closeCode == 1009)
        #expect(WebSocketError.messageTooLarge(limitBytes: 7).message.contains("at most 7 bytes"))
        let violations: [WebSocketError] = [
            .reservedBits, .unknownOpcode(3), .notMasked, .masked, .lengthNotMinimal, .lengthOutOfRange,
            .controlTooLong, .fragmentedControl, .nothingToContinue, .messageInsideMessage, .badClose,
        ]
        for error in violations { #expect(error.closeCode == 1002) }
        #expect(Set(violations.map(\.message)).count == violations.count)
        for error in violations + [.messageTooLarge(limitBytes: .max)] { #expect(error.message.utf8.count <= 123) }
    }
}
