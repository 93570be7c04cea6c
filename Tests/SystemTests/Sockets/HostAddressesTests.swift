// SPDX-License-Identifier: MIT
import Testing

@testable import System

@Suite struct HostAddressesTests {
    @Test func `every address is one that others can use, and stands there once`() {
        let addresses = HostAddresses.all()
        #expect(Set(addresses).count == addresses.count)
        for address in addresses {
            #expect(ClientAddress.tcp(host: address, port: 1).isNumeric)
            #expect(!address.hasPrefix("127.") && address != "::1" && !address.hasPrefix("fe80:"))
        }
    }

    @Test func `the loopback interface is among those asked for`() {
        #expect(HostAddresses.interfaceAddresses().contains("127.0.0.1"))
    }

    @Test func `the address to the outside comes first, and is one of an interface`() {
        for isIPv6 in [false, true] {
            guard let outward = HostAddresses.outwardAddress(isIPv6: isIPv6) else { continue }
            #expect(HostAddresses.interfaceAddresses().contains(outward))
            if !isIPv6 { #expect(HostAddresses.all().first == outward) }
        }
    }
}
