// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import System
import Testing
import WireFormat

@testable import EvRelay

@Suite struct ProbeResultTests {
    private static let good = #"{"status":"ok","server":"6f33b95ed5671369","version":"1.2.3"}"#

    private func result(_ body: String, status: Int = 200) -> ProbeResult {
        ProbeResult(status: status, body: try? JSONObject.parse(Array(body.utf8).span, maxDepth: 2))
    }

    @Test func `what a relay says of itself is healthy`() {
        #expect(result(Self.good) == .healthy(version: "1.2.3"))
        #expect(result(Self.good).exitStatus == 0)
    }

    @Test(arguments: [100, 199, 201, 204, 301, 404, 421, 429, 500, 503])
    func `any other status is unhealthy, whatever stands below it`(_ status: Int) {
        #expect(result(Self.good, status: status) == .unhealthy("it answers with status \(status)"))
        #expect(result(Self.good, status: status).exitStatus == 1)
    }

    @Test(arguments: [
        "", "ok", "[]", "{}", #"{"status":"ok"}"#, #"{"status":"ok","server":"x"}"#,
        #"{"status":"ready","server":"x","version":"1"}"#, #"{"status":"ok","server":1,"version":"1"}"#,
        #"{"status":"ok","server":"x","version":1}"#,
    ])
    func `a body that is no relay's is unhealthy`(_ body: String) {
        #expect(result(body) == .unhealthy("it answers, but is no relay"))
    }

    @Test func `a version without end is cut`() {
        let long = String(repeating: "9", count: 4000)
        let body = #"{"status":"ok","server":"x","version":"\#(long)"}"#
        #expect(result(body) == .healthy(version: String(repeating: "9", count: 100) + "…"))
    }

    @Test func `nobody there is 69, and an answer that is none is 1`() {
        let refused = SystemError("connect to", subject: "127.0.0.1:1", code: 111)
        let silent: [ClientError] = [
            .nameUnknown("no"), .notConnected(refused), .timedOut(.name), .timedOut(.connection),
            .timedOut(.handshake), .timedOut(.sending), .timedOut(.head), .timedOut(.body), .timedOut(.silence),
        ]
        for error in silent { #expect(ProbeResult(error).exitStatus == 69, "\(error)") }
        let unhealthy: [ClientError] = [
            .handshakeFailed("no"), .notTrusted(.expired), .broken(refused), .tlsBroken("no"), .endedEarly,
            .badHead(.badLineEnd),
            .tooLarge(limitBytes: 1), .badBody(.badSizeLine),
        ]
        for error in unhealthy { #expect(ProbeResult(error).exitStatus == 1, "\(error)") }
    }

    @Test func `the line names verdict, target and reason`() throws {
        let target = ProbeTarget(try DoctorTarget(parsing: "http://cam.example.org"))
        #expect(
            ProbeResult.healthy(version: "1.2.3").line(about: target)
                == "healthy: http://cam.example.org/ is EvRelay 1.2.3")
        #expect(
            ProbeResult(.endedEarly).line(about: target)
                == "unhealthy: http://cam.example.org/: it ended the connection before its answer was whole")
        #expect(
            ProbeResult(.timedOut(.head)).line(about: target)
                == "no answer: http://cam.example.org/: no answer within 3 s")
    }
}
