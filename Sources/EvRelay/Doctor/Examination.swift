// SPDX-License-Identifier: MIT
import LibEvent
import System
import WireFormat

/// Measures the way to a relay, step by step.
///
/// Blocks. Confined to one thread.
struct Examination {
    private(set) var measurements: DoctorMeasurements
    private let target: DoctorTarget
    private let trustFile: String?
    private let clock = StampedClock()

    /// - Parameter trustFile: a file of certificates that are trusted in place of the system's.
    init(of target: DoctorTarget, trustFile: String? = nil) {
        self.target = target
        self.trustFile = trustFile
        measurements = DoctorMeasurements(target: target)
    }

    /// Makes all measurements that are possible, and calls `progress` after each step.
    mutating func run(_ progress: (DoctorMeasurements) -> Void) {
        guard let client = connect() else { return progress(measurements) }
        progress(measurements)
        measurements.reach = reach(client)
        progress(measurements)
        guard let reach = measurements.reach, let info = reach.info else { return }
        measurements.small = stream(client, bytes: DoctorPlan.smallPartBytes, reach.trips)
        progress(measurements)
        measurements.large = stream(client, bytes: DoctorPlan.largePartBytes, reach.trips)
        progress(measurements)
        measurements.socket = .some(try? DoctorSocket.trip(client))
        progress(measurements)
        measurements.smallUpload = echo(client, bytes: DoctorPlan.smallUploadBytes)
        measurements.largeUpload = echo(client, bytes: DoctorPlan.largeUploadBytes)
        measurements.body = echo(client, bytes: min(max(1, info.maxFrameBytes), DoctorPlan.maxEchoBytes))
        if info.maxFrameBytes > DoctorPlan.maxEchoBytes {
            measurements.announcement = (try? announce(client, bytes: info.maxFrameBytes)) ?? .unclear
        }
        progress(measurements)
    }

    /// Resolves the host, connects and begins TLS. Returns nil if that fails; the failure is one of the measurements.
    private mutating func connect() -> DoctorClient? {
        let client: DoctorClient
        do throws(SystemError) { client = try DoctorClient(target, trustFile: trustFile) } catch {
            measurements.connection = .failed(error.description)
            return nil
        }
        let exchange = client.makeExchange()
        var problem: ClientError?
        do throws(ClientError) { try client.open(exchange) } catch { problem = error }
        let connection = exchange.connection
        guard let address = connection.address, let took = connection.connectTime else {
            switch problem {
            case .nameUnknown(let reason): measurements.connection = .nameUnknown(reason)
            case .notConnected(let reason): measurements.connection = .failed(reason.description)
            default: measurements.connection = .timedOut
            }
            return nil
        }
        measurements.connection = .made(address: Self.digits(address), took: took)
        if let problem {
            if case .handshakeFailed(let reason) = problem {
                measurements.tls = .failed(reason)
            } else {
                measurements.tls = .failed("\(problem)")
            }
            return nil
        }
        if let certificate = connection.certificate {
            measurements.tls = .agreed(certificate, now: SystemClock.nowMicroseconds() / 1_000_000)
        }
        client.use(exchange)
        return client
    }

    private static func digits(_ address: ClientAddress) -> String {
        switch address {
        case .tcp(let host, _): host
        case .unix(let path): path
        }
    }

    /// Requests `doctor/info` several times to measure the round trip and the difference of the clocks.
    private func reach(_ client: DoctorClient) -> DoctorMeasurements.Reach {
        var trips: [RoundTrips.Trip] = []
        var info: RelayInfo?
        for index in 0...DoctorPlan.trips {
            guard let (sent, reply) = try? timed({ () throws(ClientError) in try client.get("doctor/info") }) else {
                return DoctorMeasurements.Reach(status: 0, hasAnsweredBefore: index > 0)
            }
            guard reply.head.status == 200, let object = reply.object, let seen = RelayInfo(object),
                let stamp = object.integer("time_us"), RoundTrips.times.contains(stamp)
            else { return foreign(client, status: reply.head.status) }
            info = seen
            if index > 0 {
                trips.append(RoundTrips.Trip(sent: sent, stamp: stamp, received: clock.microseconds(reply.receivedAt)))
            }
        }
        return DoctorMeasurements.Reach(status: 200, info: info, trips: RoundTrips(trips))
    }

    /// Returns the outcome if the answer is not a doctor's. Asks `healthz`, since it may be a relay without a doctor.
    private func foreign(_ client: DoctorClient, status: Int) -> DoctorMeasurements.Reach {
        var reach = DoctorMeasurements.Reach(status: status)
        let health = (try? client.get("healthz"))?.object
        if health?.text("server") != nil, let version = health?.text("version") {
            reach.oldVersion = PrintableText.escaped(String(version.prefix(200)))
        }
        return reach
    }

    private func timed<Value>(
        _ work: () throws(ClientError) -> Value
    ) throws(ClientError) -> (sent: Int64, value: Value) {
        let sent = clock.microseconds(SystemClock.monotonic())
        return (sent, try work())
    }

    /// Receives parts that leave the relay at known times. Returns what came before an error, if there is one.
    private func stream(
        _ client: DoctorClient, bytes: Int, _ trips: RoundTrips
    ) -> DoctorMeasurements.TimedStream {
        var stream = DoctorMeasurements.TimedStream(parts: DoctorPlan.parts, interval: DoctorPlan.interval)
        let interval = DoctorPlan.interval.wholeMilliseconds
        let path = "doctor/stream?parts=\(DoctorPlan.parts)&interval=\(interval)&bytes=\(bytes)"
        do throws(ClientError) {
            let exchange = try client.exchange()
            // A proxy that buffers the whole stream hands it on only at the end.
            exchange.connection.limits.body = DoctorPlan.patience + DoctorPlan.interval * DoctorPlan.parts
            defer { exchange.connection.limits.body = DoctorPlan.patience }
            let start = SystemClock.monotonic()
            try exchange.send(client.head("GET", path), method: "GET")
            let answer = try exchange.receiveHead()
            stream.status = answer.head.status
            stream.head = answer.receivedAt - start
            var line: [UInt8] = []
            while let piece = try exchange.receivePiece() {
                if stream.first == .zero { stream.first = piece.receivedAt - start }
                guard answer.head.status == 200 else { continue }
                let received = clock.microseconds(piece.receivedAt)
                for byte in piece.bytes {
                    guard line.count <= bytes else { throw .tooLarge(limitBytes: bytes) }
                    line.append(byte)
                    guard byte == 0x0A else { continue }
                    let object = try? JSONObject.parse(line.span, maxDepth: 2)
                    if let stamp = object?.integer("time_us"), RoundTrips.times.contains(stamp) {
                        stream.delays.append(trips.delay(stamp: stamp, received: received))
                    }
                    line.removeAll(keepingCapacity: true)
                }
            }
        } catch {
            return stream
        }
        return stream
    }

    /// Sends bytes that the relay counts and drops.
    private func echo(_ client: DoctorClient, bytes: Int) -> DoctorMeasurements.EchoedUpload {
        let start = SystemClock.monotonic()
        let body = [UInt8](repeating: 0, count: bytes)
        guard let reply = try? client.post("doctor/echo", body) else {
            return DoctorMeasurements.EchoedUpload(
                status: 0, took: SystemClock.monotonic() - start, isRelay: false, reason: "", bytes: bytes)
        }
        let object = reply.object
        let reason = object?.text("reason") ?? ""
        let isRelay = reply.head.status == 200 ? object?.integer("bytes") == Int64(bytes) : !reason.isEmpty
        return DoctorMeasurements.EchoedUpload(
            // If something other than the relay answers 200, it has swallowed the upload.
            status: reply.head.status == 200 && !isRelay ? 0 : reply.head.status, took: reply.receivedAt - start,
            isRelay: isRelay, reason: reason, bytes: bytes)
    }

    /// Announces an upload of the largest size and sends nothing of it. Something that limits bodies refuses the
    /// announcement. The relay, whose limit is lower here, refuses it with a `reason`.
    private func announce(
        _ client: DoctorClient, bytes: Int
    ) throws(ClientError) -> DoctorMeasurements.Announcement {
        let exchange = client.makeExchange()
        try client.open(exchange)
        let fields = [
            "Content-Type: application/octet-stream", "Content-Length: \(bytes)", "Expect: 100-continue",
        ]
        try exchange.send(client.head("POST", "doctor/echo", fields), method: "POST")
        let head = try exchange.receiveHead().head
        if head.status == 100 { return .passed }
        guard head.status == 413 else { return .unclear }
        let body = try exchange.receiveBody(maxBytes: DoctorPlan.maxAnswerBytes)
        let object = try? JSONObject.parse(body.span, maxDepth: 8)
        return object?.text("reason") == nil ? .refused : .passed
    }
}
