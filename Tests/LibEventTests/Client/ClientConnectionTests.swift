// SPDX-License-Identifier: MIT
import Glibc
import LibEvent
import System
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ClientConnectionTests {
    /// An address without a server: nothing listens on port 1 (tcpmux).
    private let nobody = ClientAddress.tcp(host: "127.0.0.1", port: 1)

    @Test func `the next address is tried where one refuses`() throws {
        let peer = try ScriptedPeer("x")
        let connection = try ClientConnection(to: [nobody, peer.address], timeout: .seconds(10))
        #expect(connection.address == peer.address)
    }

    @Test func `what the last address said is told where none answers`() {
        do throws(ClientError) {
            _ = try ClientConnection(to: [nobody, nobody], timeout: .seconds(10))
            Issue.record("nobody was connected to")
        } catch {
            guard case .notConnected(let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(reason.code == ECONNREFUSED)
        }
    }

    @Test func `addresses in digits are found without asking anybody`() throws {
        let four = try HostLookup.addresses(of: "127.0.0.1", port: 80, timeout: .seconds(10))
        #expect(four == [.tcp(host: "127.0.0.1", port: 80)])
        let six = try HostLookup.addresses(of: "::1", port: 81, timeout: .seconds(10))
        #expect(six == [.tcp(host: "::1", port: 81)])
        let names = try HostLookup.addresses(of: "localhost", port: 82, timeout: .seconds(10))
        #expect(names.contains(.tcp(host: "127.0.0.1", port: 82)) || names.contains(.tcp(host: "::1", port: 82)))
    }

    @Test func `a name that cannot be one is unknown`() {
        do throws(ClientError) {
            let found = try HostLookup.addresses(of: "no such name.invalid", port: 80, timeout: .seconds(30))
            Issue.record("\(found)")
        } catch {
            guard case .nameUnknown(let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(!reason.isEmpty)
        }
    }

    @Test func `digits are told from names`() {
        #expect(ClientAddress.tcp(host: "192.0.2.1", port: 1).isNumeric)
        #expect(ClientAddress.tcp(host: "2001:db8::1", port: 1).isNumeric)
        #expect(!ClientAddress.tcp(host: "example.org", port: 1).isNumeric)
        #expect(!ClientAddress.tcp(host: "192.0.2", port: 1).isNumeric)
        #expect(!ClientAddress.unix(path: "/x").isNumeric)
    }
}
