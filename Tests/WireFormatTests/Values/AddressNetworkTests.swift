// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@Suite struct AddressNetworkTests {
    private func address(_ text: String) throws -> IPAddress {
        try #require(IPAddress(v4: text) ?? IPAddress(v6: text))
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("127.0.0.1/32", "127.0.0.1"), ("10.0.0.0/8", "10.0.0.0/8"),
        ("0.0.0.0/0", "0.0.0.0/0"), ("192.168.128.0/17", "192.168.128.0/17"), ("::1", "::1"), ("::1/128", "::1"),
        ("::/0", "::/0"), ("2001:DB8::/32", "2001:db8::/32"), ("fe80::/10", "fe80::/10"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"), ("::ffff:192.0.2.1", "192.0.2.1"), ("::ffff:0:0/96", "0.0.0.0/0"),
    ])
    func `a network is read, written and read back`(_ text: String, _ canonical: String) throws {
        let network = try AddressNetwork(parsing: text)
        #expect(network.description == canonical)
        #expect(try AddressNetwork(parsing: canonical) == network)
    }

    @Test(arguments: [
        ("", "not a network"), ("/8", "not a network"), ("localhost", "not a network"), ("[::1]", "not a network"),
        ("10.0.0/8", "not a network"), ("10.0.0.1:80", "not a network"), ("*", "not a network"),
        ("10.0.0.0/", "from 0 to 32"), ("10.0.0.0/33", "from 0 to 32"), ("10.0.0.0/-1", "from 0 to 32"),
        ("10.0.0.0/8/8", "from 0 to 32"), ("10.0.0.0/255.0.0.0", "from 0 to 32"), ("::/129", "from 0 to 128"),
        ("10.0.0.1/8", "its network is 10.0.0.0/8"), ("2001:db8::1/32", "its network is 2001:db8::/32"),
        ("10.0.0.1/31", "its network is 10.0.0.0/31"), ("::ffff:10.0.0.1/104", "its network is 10.0.0.0/8"),
    ])
    func `what is no network is refused with the reason`(_ text: String, _ reason: String) throws {
        let error = try #require(throws: ValueError.self) { try AddressNetwork(parsing: text) }
        #expect(error.value == text)
        #expect(error.reason.contains(reason), "\(error.reason)")
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.0.0.0", true), ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("10.0.0.0/8", "9.255.255.255", false), ("10.0.0.0/8", "::ffff:10.1.2.3", true),
        ("10.0.0.0/8", "a00::", false), ("192.168.128.0/17", "192.168.128.0", true),
        ("192.168.128.0/17", "192.168.127.255", false), ("127.0.0.1", "127.0.0.1", true),
        ("127.0.0.1", "127.0.0.2", false), ("127.0.0.1", "::1", false), ("0.0.0.0/0", "1.2.3.4", true),
        ("0.0.0.0/0", "::1", false), ("::/0", "::1", true), ("::/0", "1.2.3.4", false),
        ("2001:db8::/33", "2001:db8:7fff::", true), ("2001:db8::/33", "2001:db8:8000::", false),
        ("::1", "::1", true), ("::1", "::2", false), ("::ffff:192.0.2.1", "192.0.2.1", true),
    ])
    func `an address lies in a network or outside`(_ network: String, _ other: String, _ isInside: Bool) throws {
        #expect(try AddressNetwork(parsing: network).contains(address(other)) == isInside)
    }
}
