// SPDX-License-Identifier: MIT
import WireFormat

extension DoctorMeasurements {
    /// The largest text of a page's measurements, in bytes.
    static let maxJSONBytes = 16 << 10
    /// The deepest nesting of objects and arrays.
    static let maxJSONDepth = 16

    private static let maxRows = 64
    /// The longest time that is accepted for one step.
    private static let longest = Duration.seconds(3600)
    private static let statuses: ClosedRange<Int64> = 0...999
    private static let maxTextCount = 64
    /// The largest number that scripts count exactly: 2^53 - 1.
    private static let maxFrameBytes: Int64 = 9_007_199_254_740_991
    private static let maxURLCount = 2000

    /// Reads the measurements of a page: the schema `DoctorMeasurements` in docs/openapi.yaml. Checks that are not
    /// measured yet are absent.
    init(page json: Span<UInt8>) throws(MeasurementsError) {
        let object: JSONObject
        do throws(JSONObjectError) {
            object = try JSONObject.parse(json, maxDepth: Self.maxJSONDepth)
        } catch {
            throw MeasurementsError(
                member: "The body", accepted: "a JSON object with each member once, nested at most 16 deep")
        }
        let all = MeasurementsReader(object)
        target = try Self.target(all)
        asker = .page
        if let reach = try all.optional("reach") { self.reach = try Self.reach(reach) }
        // Delays count from the quickest answer.
        let trips = reach?.trips ?? RoundTrips([])
        if let part = try all.optional("small") { small = try Self.stream(part, trips) }
        if let part = try all.optional("large") { large = try Self.stream(part, trips) }
        if let part = try all.optional("socket") {
            socket = .some(part.isNull("trip_us") ? nil : try part.duration("trip_us", longest: Self.longest))
        }
        if let part = try all.optional("small_upload") { smallUpload = try Self.echo(part) }
        if let part = try all.optional("large_upload") { largeUpload = try Self.echo(part) }
        if let part = try all.optional("body") { body = try Self.echo(part) }
        if let part = try all.optional("device") { device = try Self.device(part) }
        if let part = try all.optional("browser") { browser = try Self.browser(part) }
    }

    private static func target(_ all: MeasurementsReader) throws(MeasurementsError) -> DoctorTarget {
        let url = try all.text("url", maxCount: maxURLCount)
        do throws(ValueError) { return try DoctorTarget(parsing: url) } catch {
            throw all.error("url", "http://HOST[:PORT][/PATH], or the same with https://; \(error.reason)")
        }
    }

    private static func reach(_ part: MeasurementsReader) throws(MeasurementsError) -> Reach {
        let trips = try part.times("trips_us", width: 3, maxCount: maxRows)
        var reach = Reach(
            status: Int(try part.integer("status", statuses)),
            trips: RoundTrips(trips.map { RoundTrips.Trip(sent: $0[0], stamp: $0[1], received: $0[2]) }))
        if let info = try part.optional("info") {
            _ = try info.integer("max_frame_bytes", 0...maxFrameBytes)
            guard let read = info.info else { throw part.error("info", "the answer of doctor/info") }
            reach.info = read
        }
        return reach
    }

    private static func stream(
        _ part: MeasurementsReader, _ trips: RoundTrips
    ) throws(MeasurementsError) -> TimedStream {
        TimedStream(
            status: Int(try part.integer("status", statuses)),
            head: try part.duration("head_us", longest: longest),
            first: try part.duration("first_us", longest: longest),
            delays: try part.times("parts_us", width: 2, maxCount: maxRows).map {
                trips.delay(stamp: $0[0], received: $0[1])
            },
            parts: Int(try part.integer("parts", 1...Int64(maxRows))),
            interval: try part.duration("interval_us", longest: longest))
    }

    private static func echo(_ part: MeasurementsReader) throws(MeasurementsError) -> EchoedUpload {
        EchoedUpload(
            status: Int(try part.integer("status", statuses)),
            took: try part.duration("took_us", longest: longest),
            isRelay: try part.boolean("is_relay"), reason: try part.text("reason", maxCount: maxTextCount),
            bytes: Int(try part.integer("bytes", 0...1 << 30)))
    }

    private static func device(_ part: MeasurementsReader) throws(MeasurementsError) -> Device {
        Device(
            isSecure: try part.boolean("is_secure"), hasCamera: try part.boolean("has_camera"),
            permission: try part.word("permission", of: ["granted", "prompt", "denied", "unknown"]),
            trial: try part.text("trial", maxCount: maxTextCount))
    }

    private static func browser(_ part: MeasurementsReader) throws(MeasurementsError) -> Browser {
        Browser(
            lacks: try part.texts("lacks", maxCount: 16, maxTextCount: maxTextCount).map(PrintableText.escaped),
            staysAwake: try part.boolean("stays_awake"))
    }
}
