// SPDX-License-Identifier: MIT
import LibEvent
import Testing

@testable import EvRelay

@Suite struct HostCheckTests {
    private let check = HostCheck(names: ["cam.example.org", "*.wild.example", "Relay-Box."])

    @Test(arguments: [
        "localhost", "localhost:30333", "LOCALHOST", "relay", "relay:1", "127.0.0.1", "127.0.0.1:30333", "192.168.1.20",
        "[::1]", "[::1]:30333", "[fe80::1]", "[2001:db8::7]:80", "[fe80::1%eth0]:30333", "[fe80::1%25en0]",
        "[::1%25lo]", "a.localhost", "printer.local", "PRINTER.LOCAL:80",
        "cam.lan", "cam.home.arpa", "cam.internal", "cam.localdomain", "cam.example.org", "CAM.example.org:443",
        "cam.example.org.", "a.wild.example", "relay-box",
    ])
    func `addresses, local names and the server's own are allowed`(host: String) {
        #expect(check.allows(host))
        #expect(check.refusal(host: host, from: AccessFixture.local) == nil)
    }

    @Test(
        arguments: [
            "evil.example", "cam.example.org.evil.example", "evilcam.example.org", "a.b.wild.example", "wild.example",
            "xlocalhost.com", "evil.local.com", "127.0.0.1.evil.example", "1.2.3.4.5", "127.1", "0x7f.0.0.1", "[::1",
            "[evil.example]", "[%eth0]", "[evil.example%eth0]", "a.lan.b",
        ])
    func `foreign names are refused to those on this machine or network`(host: String) throws {
        for peer in [
            "127.0.0.1", "::1", "10.1.2.3", "172.31.0.1", "192.168.0.9", "169.254.1.1", "100.64.0.1", "fd00::1",
            "fe80::1",
        ] {
            let near = try #require(PeerAddress(host: peer))
            let refusal = try #require(check.refusal(host: host, from: near), "\(host) \(peer)")
            #expect(refusal.status == 421)
            #expect(refusal.reason.rawValue == "unknown-host")
            #expect(refusal.message.contains("--allow-host"))
        }
        #expect(check.refusal(host: host, from: .unixSocket) != nil)
    }

    @Test(arguments: ["192.0.2.7", "172.32.0.1", "11.0.0.1", "100.128.0.1", "2001:db8::1"])
    func `whoever comes from the internet may use any name`(peer: String) throws {
        #expect(check.refusal(host: "evil.example", from: try #require(PeerAddress(host: peer))) == nil)
    }

    @Test func `a request without a name is no browser's`() {
        #expect(check.refusal(host: nil, from: AccessFixture.local) == nil)
        #expect(check.refusal(host: "", from: AccessFixture.local) == nil)
    }
}
