// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

/// A page's measurements as JSON.
@Suite struct MeasurementsReadingTests {
    private static let info = """
        {"server":"6f33b95ed5671369","version":"1.2.3","client":"198.51.100.4","peer":"127.0.0.1","forwarded":true,\
        "trusted":true,"scheme":"https","host":"cam.example","protocol":"HTTP/1.1","publishing":true,\
        "publishing_by":"key","max_frame_bytes":5242880,"newer":[{"a":1}]}
        """
    private static let stream = """
        {"status":200,"head_us":15000,"first_us":265000,"parts":2,"interval_us":250000,\
        "parts_us":[[1000250000,1000260000],[1000500000,1000510009]]}
        """
    private static let echo = #"{"status":200,"took_us":20000,"is_relay":true,"reason":"","bytes":1024}"#
    static let whole = """
        {"url":"https://cam.example/cam/","reach":{"status":200,"trips_us":[[1000000000,1000010000,1000020000]],\
        "info":\(info)},"small":\(stream),"large":\(stream),"socket":{"trip_us":4000},"small_upload":\(echo),\
        "large_upload":\(echo),"body":\(echo),"device":{"is_secure":true,"has_camera":true,"permission":"prompt",\
        "trial":""},"browser":{"lacks":[],"stays_awake":true}}
        """

    private func read(_ text: String) throws(MeasurementsError) -> DoctorMeasurements {
        try DoctorMeasurements(page: text.utf8.span)
    }

    /// Reads the whole text with `old` replaced, and returns the member that cannot be used.
    private func refused(_ old: String, _ new: String) throws -> String? {
        let text = Self.whole.replacing(old, with: new)
        try #require(text != Self.whole)
        do throws(MeasurementsError) {
            _ = try read(text)
            return nil
        } catch {
            return error.member
        }
    }

    @Test func `measurements are read, and judged`() throws {
        let all = try read(Self.whole)
        #expect(all.target == (try DoctorTarget(parsing: "https://cam.example/cam/")))
        #expect(all.reach?.info?.version == "1.2.3" && all.reach?.trips.typical == .milliseconds(20))
        // The quickest answer needed 10 ms to come back.
        #expect(all.small?.delays == [.zero, .microseconds(9)])
        #expect(all.socket == .some(.milliseconds(4)) && all.body?.bytes == 1024)
        #expect(Diagnosis.checks(all).allSatisfy { $0.finding?.level == .ok })
    }

    @Test func `what is absent or null is not measured yet`() throws {
        let empty = try read(#"{"url":"http://localhost:30333/","reach":null,"newer":[[1,2],"x"]}"#)
        #expect(empty == DoctorMeasurements(target: empty.target, asker: .page))
        #expect(Diagnosis.checks(empty).allSatisfy { $0.finding == nil })
        let failed = try read(#"{"url":"http://localhost/","socket":{"trip_us":null}}"#)
        #expect(failed.socket == .some(nil))
        let lost = try read(#"{"url":"http://localhost/","reach":{"status":0,"trips_us":[],"info":null}}"#)
        #expect(lost.reach == .init(status: 0))
    }

    @Test func `every member has its limits, and a refusal names it`() throws {
        let trip = "[1000000000,1000010000,1000020000]"
        let lacks = Array(repeating: "\"\"", count: 17).joined(separator: ",")
        for (old, new, member) in [
            (#""url":"https://cam.example/cam/","#, "", "url"), ("https://cam.example", "ftp://cam.example", "url"),
            ("cam.example/cam/", String(repeating: "a", count: 2000), "url"),
            (#"{"status":200,"trips"#, #"{"status":1000,"trips"#, "reach.status"),
            (#"{"status":200,"trips"#, #"{"status":"200","trips"#, "reach.status"),
            (trip, "[1,2]", "reach.trips_us"),
            (trip, "[-1,2,3]", "reach.trips_us"),
            (trip, "[1,2,4500000000000001]", "reach.trips_us"),
            (trip, "[1,2,3.5]", "reach.trips_us"),
            (trip, "\"x\"", "reach.trips_us"),
            (trip, Array(repeating: "[1,2,3]", count: 65).joined(separator: ","), "reach.trips_us"),
            (#""server":"6f33b95ed5671369","#, "", "reach.info"), (Self.info, "1", "reach.info"),
            (#""small":"#, #""small":7,"other":"#, "small"), ("\"head_us\":15000", "\"head_us\":-1", "small.head_us"),
            ("\"first_us\":265000", "\"first_us\":3600000001", "small.first_us"),
            ("\"parts\":2", "\"parts\":0", "small.parts"), ("\"parts\":2", "\"parts\":65", "small.parts"),
            ("\"parts\":2,", "", "small.parts"), ("4000}", "true}", "socket.trip_us"),
            (#""trip_us":4000"#, "", "socket.trip_us"), ("\"bytes\":1024", "\"bytes\":1.5", "small_upload.bytes"),
            ("\"is_relay\":true", "\"is_relay\":1", "small_upload.is_relay"),
            (#""reason":"""#, #""reason":"\#(String(repeating: "x", count: 65))""#, "small_upload.reason"),
            ("\"prompt\"", "\"perhaps\"", "device.permission"), (#""trial":"""#, #""trial":null"#, "device.trial"),
            ("\"lacks\":[]", "\"lacks\":[1]", "browser.lacks"),
            ("\"lacks\":[]", "\"lacks\":[\(lacks)]", "browser.lacks"),
            ("\"stays_awake\":true", "\"stays_awake\":null", "browser.stays_awake"),
        ] { #expect(try refused(old, new) == member, "\(old) → \(new)") }
    }

    @Test(arguments: [
        "", "[]", "null", "{", "{\"url\":\"http://a/\"}x", "{\"url\":\"http://a/\",\"url\":\"http://a/\"}",
    ])
    func `what is no JSON object is refused`(text: String) {
        #expect(throws: MeasurementsError.self) { try read(text) }
    }

    @Test func `arrays and objects may be nested to a limit`() {
        func nested(_ depth: Int) -> String {
            let arrays = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            return "{\"url\":\"http://a/\",\"x\":\(arrays)}"
        }
        #expect(throws: Never.self) { try read(nested(DoctorMeasurements.maxJSONDepth - 1)) }
        for depth in [DoctorMeasurements.maxJSONDepth, 5000] {
            #expect(throws: MeasurementsError.self) { try read(nested(depth)) }
        }
    }

    @Test func `numbers may be written in any way that JSON knows`() throws {
        let text = Self.whole.replacing("\"head_us\":15000", with: "\"head_us\":1.5e4")
            .replacing("[[1000250000,", with: "[[1.00025E9,")
        #expect(try read(text) == (try read(Self.whole)))
    }

    @Test func `whatever comes is read and judged in words, or refused, and does no harm`() throws {
        let seed = SeededGenerator.seedOfRun
        var random = SeededGenerator(seed: seed)
        let values = [
            "0", "-1", "1", "64", "4500000000000000", "9223372036854775807", "-9223372036854775808", "1e308", "null",
            "true", "\"\"", "\"x\"", "[]", "[[0,0,0]]", "[[0,4500000000000000],[4500000000000000,0]]",
            "[[4500000000000000,0,4500000000000000],[0,4500000000000000,0]]", "{}", Self.info,
        ]
        let numbers = /[\[:,](-?[0-9]+|"[^"]*"|true|\[\])[\]},]/
        for _ in 0..<4000 {
            var text = Self.whole
            for _ in 0...Int.random(in: 0...4, using: &random) {
                let places = text.matches(of: numbers).map(\.1)
                guard let place = places.randomElement(using: &random) else { break }
                let value = values.randomElement(using: &random) ?? ""
                text.replaceSubrange(place.startIndex..<place.endIndex, with: value)
            }
            var bytes = Array(text.utf8)
            if Bool.random(using: &random), let place = bytes.indices.randomElement(using: &random) {
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            do throws(MeasurementsError) {
                let all = try DoctorMeasurements(page: bytes.span)
                for language in DoctorLanguage.allCases {
                    let json = DoctorAnswer(to: all, in: language).json()
                    let answer = try? JSONObject.parse(json.span, maxDepth: 8)
                    #expect(answer?.text("summary")?.isEmpty == false, "EVRELAY_SEED=\(seed)")
                }
            } catch {
                #expect(!Refusal(error).message.isEmpty, "EVRELAY_SEED=\(seed)")
            }
        }
    }
}
