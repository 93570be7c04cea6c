// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import WireFormat

/// A WebSocket that sends back what it receives, by which a client finds out whether WebSockets pass its proxies.
///
/// Confined to its worker's loop. It ends after a few messages or seconds, whatever the client does.
final class EchoSocket: TakenConnectionDelegate, LastingTask {
    private static let maxMessageBytes = 1024
    private static let maxAnswers = 16
    private static let maxDuration = Duration.seconds(10)

    private let connection: TakenConnection
    private let worker: Worker
    private let place: Place
    private var reader = WebSocketReader(
        from: .client, maxMessageBytes: maxMessageBytes, accepting: [.text, .binary])
    private var loop = ReaderLoop()
    private var answers = 0
    private var isClosing = false

    init(_ connection: TakenConnection, place: Place, on worker: Worker) {
        self.connection = connection
        self.place = place
        self.worker = worker
    }

    /// Accepts the upgrade.
    func begin(accept: String, headers: [(name: String, value: String)]) {
        connection.delegate = self
        connection.setDeadline(after: Self.maxDuration)
        connection.startUpgrade(
            HTTPResponse(101, headers: headers + [("Upgrade", "websocket"), ("Sec-WebSocket-Accept", accept)]))
        worker.metrics.responses.add("101")
    }

    /// Closes with 1001: the server goes away (RFC 6455 section 7.4.1).
    func beginDraining() { close(1001) }

    func connection(_ connection: TakenConnection, received input: InputBuffer) {
        do throws(WebSocketError) {
            while !isClosing,
                let step = try loop.next(in: input, { (front) throws(WebSocketError) in try reader.step(front) })
            {
                if case .event(let event) = step { answer(event) } else { close(1000) }
            }
        } catch {
            close(error.closeCode)
        }
        if isClosing { input.drop(input.count) }
    }

    func connectionDrained(_ connection: TakenConnection) {}

    func connectionDeadlinePassed(_ connection: TakenConnection) {
        if isClosing { return connection.close(.tooSlow) }
        close(1000)
    }

    func connectionClosed(_ connection: TakenConnection, reason: CloseReason) { worker.ended(self) }

    private func answer(_ event: WebSocketReader.Event) {
        switch event {
        case .text(let text): send(WebSocketWriter.text(text))
        case .binary(let bytes): send(WebSocketWriter.binary(bytes))
        case .ping(let bytes): send(WebSocketWriter.pong(bytes))
        case .pong: break
        case .close: close(1000)
        }
    }

    /// Sends a frame and counts it, pongs too: a client that reads no answer must not make them pile up here.
    private func send(_ frame: [UInt8]) {
        connection.write(frame)
        answers += 1
        if answers == Self.maxAnswers { close(1000) }
    }

    /// Sends a close frame, and closes the connection after it (RFC 6455 section 7.1.1).
    private func close(_ code: UInt16) {
        guard !isClosing else { return }
        isClosing = true
        connection.write(WebSocketWriter.close(code: code))
        connection.closeWhenDrained()
    }
}
