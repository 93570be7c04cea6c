// SPDX-License-Identifier: MIT
import LibEvent
import System
import Testing

@testable import RelayLoad

struct LoadPlanTests {
    @Test(arguments: [(500, 0, 0), (500, 50, 0), (500, 50, 25), (7, 3, 4), (10, 0, 10), (1, 1, 0), (300, 200, 7)])
    func `as many viewers are slow and stalled as were asked for`(viewers: Int, stalled: Int, slow: Int) {
        let plan = LoadPlan(
            address: .tcp(host: "127.0.0.1", port: 1), viewers: viewers, stalled: stalled, slow: slow,
            framesPerSecond: 10, frameBytes: 1000)
        let kinds = plan.viewerKinds()
        #expect(kinds.count == viewers)
        #expect(kinds.count { $0 == .stalled } == stalled)
        #expect(kinds.count { $0 == .slow } == slow)
    }

    @Test(arguments: [
        ("http://127.0.0.1:80", ClientAddress.tcp(host: "127.0.0.1", port: 80)),
        ("http://[::1]:30333/", .tcp(host: "::1", port: 30333)),
        ("http://localhost:1", .tcp(host: "localhost", port: 1)),
        ("unix:/run/x.sock", .unix(path: "/run/x.sock")),
    ])
    func `an address is read from its URL`(text: String, address: ClientAddress) {
        #expect(ServerURL(argument: text)?.address == address)
        #expect(ServerURL(argument: text)?.isEncrypted == false)
    }

    @Test func `an address with TLS is read from its URL`() {
        let url = ServerURL(argument: "https://127.0.0.1:443/")
        #expect(url?.address == .tcp(host: "127.0.0.1", port: 443))
        #expect(url?.isEncrypted == true)
    }

    @Test(arguments: ["", "127.0.0.1:80", "http://:80", "http://h", "http://h:0", "http://h:65536", "ftp://h:1"])
    func `a URL that is none is refused`(text: String) {
        #expect(ServerURL(argument: text) == nil)
    }

    @Test func `sizes take their units`() {
        #expect(ByteCount(argument: "300KB")?.bytes == 300_000)
        #expect(ByteCount(argument: "2KiB")?.bytes == 2048)
        #expect(ByteCount(argument: "1MiB")?.bytes == 1_048_576)
        #expect(ByteCount(argument: "7")?.bytes == 7)
        for wrong in ["", "KB", "0", "-1", "1kb", "1 KB", "99999999999999999999", "9223372036854775807MB"] {
            #expect(ByteCount(argument: wrong) == nil)
        }
    }
}
