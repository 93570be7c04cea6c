// SPDX-License-Identifier: MIT
public import Crypto
import LibEvent
public import System

/// A blocking client for tests. Every wait has a limit, and the client reads as strictly as the protocol is written.
///
/// It has a socket and poll(2), and neither a loop nor a reader of the product's: it sends malformed bytes on purpose,
/// reads at any pace, and would not find a fault that it shared with the server.
///
/// Confined to one thread. Closed with the object.
public final class TestClient {
    /// The address of the peer.
    public let address: ClientAddress
    /// The most bytes read per second; nil for no limit. With a small receive buffer it simulates a slow network.
    public var bytesPerSecond: Int?

    private let socket: ClientSocket
    private let patience: Duration
    private let isEncrypted: Bool
    private var hasEnded = false
    private var piece = [UInt8](repeating: 0, count: 65_536)
    private var received: [UInt8] = []
    private var used = 0
    private var nextRead = SystemClock.monotonic()

    /// Creates a client and connects.
    /// - Parameters:
    ///   - receiveBufferBytes: SO_RCVBUF, for peers that are slow to read; nil for the kernel's choice.
    ///   - tls: the TLS of the connection; nil for one without TLS.
    ///   - patience: the limit of each wait.
    public init(
        _ address: ClientAddress, receiveBufferBytes: Int? = nil, tls: ClientTLS? = nil,
        patience: Duration = .seconds(10)
    ) throws(TestClientError) {
        self.address = address
        self.patience = patience
        isEncrypted = tls != nil
        do throws(SystemError) {
            socket = try ClientSocket(connectingTo: address, receiveBufferBytes: receiveBufferBytes)
        } catch {
            throw .failed(error)
        }
        let ready = socket.wait(for: .writable, timeout: patience)
        if let error = socket.connectionError() { throw .failed(error) }
        guard ready.contains(.writable) else { throw .timedOut(waitingFor: "connection", received: "") }
        do throws(ClientError) {
            if let tls { try socket.startTLS(tls, timeout: patience) }
        } catch {
            throw TestClientError(error)
        }
    }

    /// Sends text.
    public func send(_ text: String) throws(TestClientError) { try send(Array(text.utf8)) }

    /// Sends all bytes.
    public func send(_ bytes: [UInt8]) throws(TestClientError) {
        let deadline = SystemClock.monotonic() + patience
        var sent = 0
        while sent < bytes.count {
            switch socket.write(bytes.span.extracting(sent..<bytes.count)) {
            case .bytes(let count): sent += count
            case .wouldBlock:
                _ = socket.wait(for: .writable, timeout: .milliseconds(100))
                guard SystemClock.monotonic() < deadline else {
                    throw .timedOut(waitingFor: "room to write", received: "\(sent) of \(bytes.count) bytes sent")
                }
            case .failed(let error): throw TestClientError(error)
            }
        }
    }

    /// Sends until the peer has answered or gone. False if the peer did not take everything.
    public func sendUntilAnswered(_ bytes: [UInt8]) throws(TestClientError) -> Bool {
        var sent = 0
        while sent < bytes.count {
            if isReadable { return false }
            switch socket.write(bytes.span.extracting(sent..<bytes.count)) {
            case .bytes(let count): sent += count
            case .wouldBlock:
                let ready = socket.wait(for: [.readable, .writable], timeout: patience)
                guard ready != [] else { throw .timedOut(waitingFor: "room to write", received: "") }
            case .failed: return false
            }
        }
        return true
    }

    /// True if bytes, or the end, can be read now.
    public var isReadable: Bool {
        if used < received.count || hasEnded { return true }
        guard isEncrypted else { return socket.wait(for: .readable, timeout: .zero).contains(.readable) }
        // The socket's bytes may be TLS's own, such as a ticket.
        switch socket.read(into: &piece) {
        case .bytes(let count): received.append(contentsOf: piece[..<count])
        case .wouldBlock: return false
        case .ended, .failed: hasEnded = true
        }
        return true
    }

    /// Reads the next `count` bytes.
    public func read(_ count: Int) throws(TestClientError) -> [UInt8] {
        let deadline = SystemClock.monotonic() + patience
        while received.count - used < count { try fill(deadline, for: "\(count) bytes") }
        return take(count)
    }

    /// Reads everything up to and including `marker`.
    public func read(upTo marker: [UInt8]) throws(TestClientError) -> [UInt8] {
        let deadline = SystemClock.monotonic() + patience
        var searched = used
        while true {
            if let start = received.firstIndex(of: marker, from: searched) { return take(start + marker.count - used) }
            searched = max(used, received.count - marker.count + 1)
            try fill(deadline, for: TestClientError.excerpt(marker))
        }
    }

    /// Reads the next line, without its CRLF. No other line end is accepted.
    public func readLine() throws(TestClientError) -> String {
        let line = try read(upTo: [0x0D, 0x0A]).dropLast(2)
        guard !line.contains(0x0A), !line.contains(0x0D) else { throw .malformed(TestClientError.excerpt(line)) }
        return String(decoding: line, as: UTF8.self)
    }

    /// Reads a response's head, up to its blank line.
    public func readHead() throws(TestClientError) -> TestResponse {
        var lines: [String] = []
        while let line = try nonEmptyLine() { lines.append(line) }
        return try TestResponse(lines: lines)
    }

    /// Reads a response with its body, which must have a Content-Length where one is possible.
    /// - Parameter method: the request's method: the answer to HEAD has no body.
    public func readResponse(to method: String = "GET") throws(TestClientError) -> TestResponse {
        var response = try readHead()
        if method == "HEAD" || response.status < 200 || response.status == 204 || response.status == 304 {
            return response
        }
        guard let text = response.field("content-length"), let length = Int(text), length >= 0 else {
            throw .malformed("a response with Content-Length \(response.field("content-length") ?? "none")")
        }
        response.body = try read(length)
        return response
    }

    /// Reads everything until the peer ends. A reset connection is an error.
    public func readToEnd() throws(TestClientError) -> [UInt8] {
        let deadline = SystemClock.monotonic() + patience
        while try fillUnlessEnded(deadline, for: "end of data") {}
        return take(received.count - used)
    }

    /// Waits until the connection has ended in any way, and drops the bytes that still come.
    public func waitForEnd() throws(TestClientError) {
        let deadline = SystemClock.monotonic() + patience
        do throws(TestClientError) {
            while try fillUnlessEnded(deadline, for: "end of connection") { _ = take(received.count - used) }
        } catch {
            guard case .failed = error else { throw error }
        }
    }

    /// Ends this side of the connection; the other can still be read.
    public func shutdownWrite() throws { try socket.shutdownWrite() }

    /// Closes at once, with RST.
    public func reset() throws { try socket.reset() }

    /// Closes.
    public func close() { socket.close() }

    private func nonEmptyLine() throws(TestClientError) -> String? {
        let line = try readLine()
        return line.isEmpty ? nil : line
    }

    private func take(_ count: Int) -> [UInt8] {
        let bytes = Array(received[used..<used + count])
        used += count
        if used == received.count {
            received.removeAll(keepingCapacity: true)
            used = 0
        } else if used > 1 << 20 {
            received.removeFirst(used)
            used = 0
        }
        return bytes
    }

    private func fill(_ deadline: Instant, for what: String) throws(TestClientError) {
        guard try fillUnlessEnded(deadline, for: what) else {
            throw .ended(waitingFor: what, received: TestClientError.excerpt(received[used...]))
        }
    }

    /// Waits for more bytes; false at the end of data.
    private func fillUnlessEnded(_ deadline: Instant, for what: String) throws(TestClientError) -> Bool {
        if hasEnded { return false }
        while true {
            pause(until: nextRead)
            // Pieces of a fiftieth of a second's bytes are small enough for an even rate.
            switch socket.read(into: &piece, atMost: bytesPerSecond.map { max(1, $0 / 50) } ?? .max) {
            case .bytes(let count):
                received.append(contentsOf: piece[..<count])
                if let bytesPerSecond {
                    let spent = Duration.nanoseconds(Int64(count) * 1_000_000_000 / Int64(bytesPerSecond))
                    nextRead = max(nextRead, SystemClock.monotonic() + .milliseconds(-100)) + spent
                }
                return true
            case .ended: return false
            case .failed(let error): throw TestClientError(error)
            case .wouldBlock:
                guard SystemClock.monotonic() < deadline else {
                    throw .timedOut(waitingFor: what, received: TestClientError.excerpt(received[used...]))
                }
                _ = socket.wait(for: .readable, timeout: .milliseconds(100))
            }
        }
    }
}

extension [UInt8] {
    /// Returns the first position of `pattern` at or after `start`.
    func firstIndex(of pattern: [UInt8], from start: Int) -> Int? {
        guard let first = pattern.first, count >= pattern.count else { return nil }
        let bytes = span
        let last = count - pattern.count
        var place = start
        while place <= last {
            if bytes[place] == first, self[place..<place + pattern.count] == pattern[...] { return place }
            place += 1
        }
        return nil
    }
}
