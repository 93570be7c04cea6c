// SPDX-License-Identifier: MIT
import Glibc
import LibEvent
import Synchronization
import System
import TestSupport
import Testing
import WireFormat

/// The memory that a peer which only sends can make the server hold. Serialized: it measures the process's memory.
@Suite(.serialized) struct GateMemoryTests {
    private static let megabyte = [UInt8](repeating: 0x61, count: 1 << 20)
    /// More than the kernel's buffers of both ends hold together.
    private static let mostTakenBytes = 48 << 20

    private static func residentBytes() throws -> Int { try ProcessUsage(ofProcess: getpid()).residentBytes }

    @Test(arguments: ["/pending", "/ignored"])
    func `megabytes behind a request whose answer is pending stay with their sender`(_ path: String) throws {
        let events = EventList()
        let server = try TestServer { head in
            // An answer that the peer never reads, or an owner who never reads what comes.
            head.path == "/pending"
                ? .answer(HTTPResponse(200, body: .bytes(.init(repeating: 0, count: 32 << 20))))
                : .take { $0.delegate = TakenScript(events) }
        }
        let client = try Pusher(server.address)
        #expect(client.push("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n"))
        try eventually("the request has come") { try server.connectionCount() == 1 }
        // This includes the pending answer, and fills the kernel's buffers of this connection.
        _ = client.push(Self.megabyte)
        let before = try Self.residentBytes()
        #expect(!client.push(Self.megabyte, times: 1024))
        #expect(!client.hasFailed)
        #expect(client.sentBytes < Self.mostTakenBytes)
        // Other tests run in the same process and hold tens of megabytes.
        #expect(try Self.residentBytes() - before < 256 << 20)
    }

    @Test func `requests of a peer that reads no answers are not answered without end`() throws {
        let answers = Atomic<Int>(0)
        let body = [UInt8](repeating: 0, count: 100_000)
        let server = try TestServer { _ in
            answers.add(1, ordering: .relaxed)
            return .take { $0.respond(HTTPResponse(200, body: .bytes(body))) }
        }
        let client = try Pusher(server.address)
        let requests = String(repeating: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: 1000)
        #expect(client.push(requests))
        try eventually("an answer") { answers.load(ordering: .relaxed) > 0 }
        // While the number grows, the server is at work.
        var last = 0
        while answers.load(ordering: .relaxed) > last {
            last = answers.load(ordering: .relaxed)
            pause(until: SystemClock.monotonic() + .milliseconds(200))
        }
        #expect(last * body.count < Self.mostTakenBytes)
    }

    @Test(arguments: ["/pending", "/taken", "/ignored"])
    func `a full queue behind an answer that is not read costs no processor time`(_ path: String) async {
        // In a process of its own, so that the processor time is this server's alone.
        await #expect(processExitsWith: .success) { [path] in
            let response = HTTPResponse(200, body: .bytes(.init(repeating: 0, count: 32 << 20)))
            let server = try TestServer { head in
                switch head.path {
                case "/pending": .answer(response)
                case "/taken": .take { $0.respond(response) }
                default: .take { $0.delegate = TakenScript(EventList()) }
                }
            }
            let client = try Pusher(server.address)
            let requests = String(repeating: "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n", count: 1 << 19)
            #expect(!client.push(requests))
            let before = try ProcessUsage.cpuSeconds(ofProcess: 0)
            pause(until: SystemClock.monotonic() + .seconds(1))
            #expect(try ProcessUsage.cpuSeconds(ofProcess: 0) - before < 0.2)
        }
    }
}
