// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import System
import WireFormat

/// Opens a WebSocket to the relay and measures the echo of one message.
enum DoctorSocket {
    /// The reasons why the measurement failed.
    enum Failure: Error {
        case client(ClientError)
        /// The answer was not 101 with the Sec-WebSocket-Accept that belongs to the key.
        case refused
        /// The frames broke the protocol, or something else came back.
        case wrongEcho
    }

    /// Returns the time from the message to its echo.
    static func trip(_ client: DoctorClient) throws(Failure) -> Duration {
        let exchange: StepwiseExchange
        do throws(ClientError) { exchange = try open(client) } catch { throw .client(error) }
        let key = try handshake(client, exchange)
        let text = "evrelay \(key)"
        let start = SystemClock.monotonic()
        let mask = WebSocketMask(UInt32(truncatingIfNeeded: ProcessControl.randomNumber()))
        do throws(ClientError) { try exchange.sendMore(WebSocketWriter.text(text, mask: mask)) } catch {
            throw .client(error)
        }
        let took = try echo(of: text, on: exchange) - start
        // The echo has come; whether the close frame can be sent does not matter.
        try? exchange.sendMore(WebSocketWriter.close(code: 1000, mask: mask))
        return took
    }

    /// Opens a separate connection, since one that has become a WebSocket serves no more requests.
    private static func open(_ client: DoctorClient) throws(ClientError) -> StepwiseExchange {
        let exchange = client.makeExchange()
        // Connecting, the handshake, the answer and the echo: a peer that sends other messages without end must not be
        // listened to for ever.
        exchange.connection.limits.whole = DoctorPlan.patience * 4
        try client.open(exchange)
        return exchange
    }

    private static func handshake(_ client: DoctorClient, _ exchange: StepwiseExchange) throws(Failure) -> String {
        let random = (0..<2).flatMap { _ in
            let number = ProcessControl.randomNumber()
            return (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
        }
        let key = Digest.base64(random)
        let fields = [
            "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: \(key)",
            client.originField,
        ]
        let head: ResponseHead
        do throws(ClientError) {
            try exchange.send(client.head("GET", "doctor/socket", fields), method: "GET")
            head = try exchange.receiveHead().head
        } catch { throw .client(error) }
        guard head.status == 101, let accept = try? Digest.webSocketAccept(key: key),
            head.field("sec-websocket-accept") == accept
        else { throw .refused }
        return key
    }

    private static func echo(of text: String, on exchange: StepwiseExchange) throws(Failure) -> Instant {
        var reader = WebSocketReader(
            from: .server, maxMessageBytes: DoctorPlan.maxMessageBytes, accepting: [.text, .binary])
        var loop = ReaderLoop()
        let unread: InputBuffer
        do throws(SystemError) { unread = try InputBuffer() } catch { throw .client(.broken(error)) }
        while true {
            let step: WebSocketReader.Step?
            do throws(WebSocketError) {
                step = try loop.next(in: unread) { (front) throws(WebSocketError) in try reader.step(front) }
            } catch { throw .wrongEcho }
            switch step {
            case .event(.text(let echo)):
                guard echo == text else { throw .wrongEcho }
                return SystemClock.monotonic()
            case .event(.binary), .end: throw .wrongEcho
            case .some: break
            case nil:
                do throws(ClientError) {
                    guard let piece = try exchange.receivePiece() else { throw ClientError.endedEarly }
                    unread.append(piece.bytes)
                } catch { throw .client(error) }
            }
        }
    }
}
