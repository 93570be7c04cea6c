// SPDX-License-Identifier: MIT
import LibEvent
import System
import Testing
import WireFormat

@testable import EvRelay

@Suite struct ProbeTargetTests {
    private func target(listen: [String], tls: [String] = []) throws -> ProbeTarget? {
        var configuration = Configuration()
        configuration.listen = try listen.map(ListenAddress.init(parsing:))
        configuration.tls.listen = try tls.map(ListenAddress.init(parsing:))
        return ProbeTarget(configuration)
    }

    @Test func `a URL is asked as it is typed`() throws {
        let target = ProbeTarget(try DoctorTarget(parsing: "https://cam.example.org:8443/live"))
        #expect(target.address == .tcp(host: "cam.example.org", port: 8443))
        #expect(target.isSecure)
        #expect(target.authority == "cam.example.org:8443")
        #expect(target.prefix == "/live/")
        #expect(target.serverName == "cam.example.org")
        #expect(target.description == "https://cam.example.org:8443/live/")
    }

    @Test(arguments: [
        ("[::]:30333", "http://127.0.0.1:30333/"), (":8080", "http://127.0.0.1:8080/"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080/"), ("localhost:1", "http://127.0.0.1:1/"),
        ("192.0.2.7:65535", "http://192.0.2.7:65535/"), ("[::1]:8080", "http://[::1]:8080/"),
        ("unix:/run/evrelay.sock", "unix:/run/evrelay.sock"),
    ])
    func `each form of an address leads to where it can be reached from this machine`(
        _ listen: String, _ description: String
    ) throws {
        let target = try #require(try self.target(listen: [listen]))
        #expect(target.description == description)
        #expect(!target.isSecure)
        #expect(target.prefix == "/")
    }

    @Test func `a unix socket is asked under the name of this machine`() throws {
        let target = try #require(try self.target(listen: ["unix:/run/evrelay.sock"]))
        #expect(target.address == .unix(path: "/run/evrelay.sock"))
        #expect(target.authority == "localhost" && target.serverName == "localhost")
    }

    @Test func `the first address that is known is asked, and TLS only where no other is`() throws {
        #expect(try target(listen: ["systemd", ":0", ":81", ":82"])?.description == "http://127.0.0.1:81/")
        #expect(try target(listen: [":81"], tls: [":443"])?.description == "http://127.0.0.1:81/")
        let secure = try #require(try target(listen: ["systemd"], tls: [":0", "[::1]:443"]))
        #expect(secure.description == "https://[::1]:443/")
        #expect(secure.isSecure && secure.serverName == "::1")
    }

    @Test func `the port of TLS is the default one where there is a certificate`() throws {
        var configuration = Configuration()
        configuration.listen = [.systemd]
        configuration.tls.certificates = ["/etc/evrelay/tls/a.pem"]
        #expect(ProbeTarget(configuration)?.description == "https://127.0.0.1:30443/")
    }

    @Test func `addresses that systemd or the kernel chooses are not known`() throws {
        #expect(try target(listen: ["systemd", ":0"], tls: ["systemd"]) == nil)
    }
}
