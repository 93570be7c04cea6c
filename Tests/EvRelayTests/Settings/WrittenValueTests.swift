// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@testable import EvRelay

/// Values of WireFormat as settings: their defaults, their lists and the messages about wrong ones.
@Suite struct WrittenValueTests {
    @Test func `nobody is trusted by default`() throws {
        let proxies = try configuration().trustedProxies
        #expect(!proxies.isUnixTrusted)
        #expect(!proxies.contains(.loopback))
        #expect(!proxies.contains(.v6([0, 0, 0, 0, 0, 0, 0, 1])))
    }

    @Test func `networks and unix sockets can be trusted, and twice is as once`() throws {
        let proxies = try configuration(
            environment: ["EVRELAY_TRUSTED_PROXY": "127.0.0.1,unix, 10.0.0.0/8,unix,127.0.0.1/32"]
        ).trustedProxies
        #expect(proxies.isUnixTrusted)
        #expect(proxies.networks.map(\.description) == ["127.0.0.1", "10.0.0.0/8"])
        #expect(proxies.texts == ["127.0.0.1", "10.0.0.0/8", "unix"])
        #expect(proxies.contains(.v4(10, 9, 8, 7)))
        #expect(!proxies.contains(.v4(127, 0, 0, 2)))
        #expect(try !configuration("--trusted-proxy", "127.0.0.1").trustedProxies.isUnixTrusted)
    }

    @Test func `a trailing slash is refused with a hint`() {
        #expect(
            message { try configuration("--allow-origin", "https://example.org/") }
                == "wrong value: --allow-origin 'https://example.org/': an origin ends after its host and port, "
                + "without a slash or path; accepted: scheme://host[:port] or *; repeatable")
    }

    @Test func `a star allows everybody`() throws {
        let origins = try configuration("--allow-origin", "*", "--allow-origin", "https://a.example").allowedOrigins
        #expect(origins.isAny)
        #expect(origins.allows("https://b.example"))
        #expect(origins.allows("null"))
    }

    @Test func `each level is read, and no other word`() throws {
        for level in LogLevel.allCases {
            #expect(try configuration("--log-level", level.rawValue).logLevel == level)
        }
        #expect(
            message { try configuration("--log-level", "verbose") }
                == "wrong value: --log-level 'verbose': not a level; accepted: debug, info, notice, warning, error")
    }

    @Test func `control characters of a wrong value do not reach the terminal`() {
        #expect(
            message { try configuration("--threads", "\u{1b}[2J\n") }
                == "wrong value: --threads '\\u{1b}[2J\\n': not a whole number; accepted: 1 to 256")
    }
}
