// SPDX-License-Identifier: MIT
import Testing

@testable import EvRelay

@Suite struct CrossCheckTests {
    @Test func `equal ages are accepted`() throws {
        let ages = try configuration("--stale-after", "5s", "--offline-after", "5s", "--forget-after", "5s").ages
        #expect([ages.stale, ages.offline, ages.forget] == [.seconds(5), .seconds(5), .seconds(5)])
    }

    @Test func `offline before stale is refused, with both values and where they are from`() {
        #expect(
            message { try configuration("--offline-after", "2999ms") }
                == "wrong values: --offline-after 2999ms and --stale-after 3s (the default); "
                + "accepted: --offline-after not below --stale-after")
        #expect(
            message { try configuration("--stale-after", "20s", environment: ["EVRELAY_OFFLINE_AFTER": "10s"]) }
                == "wrong values: EVRELAY_OFFLINE_AFTER 10s and --stale-after 20s; "
                + "accepted: --offline-after not below --stale-after")
    }

    @Test func `forgotten before offline is refused`() {
        #expect(
            message { try configuration("--forget-after", "14s") }
                == "wrong values: --forget-after 14s and --offline-after 15s (the default); "
                + "accepted: --forget-after not below --offline-after")
    }

    @Test func `a certificate without its key is refused`() {
        #expect(
            message { try configuration("--tls-certificate", "a.pem") }
                == "wrong values: --tls-certificate a.pem and --tls-key none (the default); "
                + "accepted: --tls-certificate as often as --tls-key")
    }

    @Test func `frame memory holds at least four frames`() throws {
        let limits = try configuration("--max-frame-bytes", "1MiB", "--frame-memory", "4MiB").limits
        #expect(limits.frameMemoryBytes == 4 * limits.maxFrameBytes)
        #expect(
            message { try configuration("--max-frame-bytes", "1MiB", "--frame-memory", "4194303") }
                == "wrong values: --frame-memory 4194303B and --max-frame-bytes 1MiB; "
                + "accepted: --frame-memory at least four times --max-frame-bytes")
    }
}
