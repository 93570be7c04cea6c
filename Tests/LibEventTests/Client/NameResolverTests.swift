// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import System
import Testing
import TestSupport

@testable import LibEvent

@Suite(.timeLimit(.minutes(1)), .serialized)
struct NameResolverTests {
    /// A name server on 127.0.0.1 that never answers.
    private final class SilentServer {
        let port: UInt16
        private let descriptor: Int32

        init() throws {
            (descriptor, port) = try makeLocalSocket(Int32(SOCK_DGRAM.rawValue))
        }

        /// True if somebody has asked.
        var wasAsked: Bool {
            var byte: UInt8 = 0
            // Safe: recv writes at most one byte.
            return unsafe recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT | MSG_PEEK)) >= 0
        }

        deinit { close(descriptor) }
    }

    /// Returns the number of this process's threads of a name.
    private static func threads(named name: String) -> Int {
        let folder = "/proc/self/task"
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return tasks.count { task in
            (try? String(contentsOfFile: "\(folder)/\(task)/comm", encoding: .utf8)) == "\(name)\n"
        }
    }

    private static let name = "evrelay-nobody-has-this-name.test"

    @Test func `a lookup ends at its limit, and its thread with it`() throws {
        let server = try SilentServer()
        let resolver = NameResolver(threadName: "names-a", serverPort: server.port)
        let watcher = try ConnectionWatcher(resolver: resolver)
        var limits = OutgoingLimits(each: .seconds(10))
        limits.name = .seconds(3)
        let before = SystemClock.monotonic()
        watcher.connect(.host(Self.name, port: 80), limits)
        try watcher.run("the question") { server.wasAsked || watcher.end != nil }
        #expect(Self.threads(named: "names-a") <= 1)
        try watcher.run("the end") { watcher.end != nil }
        #expect(SystemClock.monotonic() - before < .milliseconds(3500))
        switch watcher.end?.error {
        // Whichever of the two is earlier: the resolver gives up, or the limit passes.
        case .timedOut(.name), .nameUnknown: break
        default: Issue.record("\(String(describing: watcher.end))")
        }
        try eventually("the thread's end", within: .milliseconds(500)) { Self.threads(named: "names-a") == 0 }
    }

    @Test func `lookups share a few threads, and the loop never waits for one`() throws {
        let server = try SilentServer()
        let resolver = NameResolver(maxThreads: 2, threadName: "names-b", serverPort: server.port)
        let watcher = try ConnectionWatcher(resolver: resolver)
        var limits = OutgoingLimits(each: .seconds(10))
        limits.name = .milliseconds(2500)
        var others: [OutgoingConnection] = []
        let before = SystemClock.monotonic()
        for _ in 0..<20 {
            let other = OutgoingConnection(to: .host(Self.name, port: 80), in: watcher.context, limits: limits)
            other.start()
            others.append(other)
        }
        watcher.connect(.host(Self.name, port: 80), limits)
        #expect(SystemClock.monotonic() - before < .seconds(1))
        try watcher.run("a question") { server.wasAsked || watcher.end != nil }
        #expect(Self.threads(named: "names-b") <= 2)
        try watcher.run("the end") { watcher.end != nil && others.allSatisfy(\.isClosed) }
        #expect(SystemClock.monotonic() - before < .milliseconds(3500))
        try eventually("the threads' end", within: .seconds(3)) { Self.threads(named: "names-b") == 0 }
    }

    @Test func `a lookup that is cancelled leaves its thread to end by itself, and tells nothing`() throws {
        let server = try SilentServer()
        let resolver = NameResolver(threadName: "names-c", serverPort: server.port)
        let watcher = try ConnectionWatcher(resolver: resolver)
        let limits = OutgoingLimits(each: .seconds(2))
        watcher.connect(.host(Self.name, port: 80), limits)
        try watcher.run("the question") { server.wasAsked || watcher.end != nil }
        watcher.connection?.close()
        watcher.release()
        try eventually("the thread's end", within: .seconds(3)) { Self.threads(named: "names-c") == 0 }
        try watcher.idle(.milliseconds(20))
    }

    @Test func `names of the hosts file are found while the name server is silent`() throws {
        let server = try SilentServer()
        let resolver = NameResolver(threadName: "names-d", serverPort: server.port)
        let peer = try ScriptedPeer("x")
        guard case .tcp(_, let port) = peer.address else { return }
        let watcher = try ConnectionWatcher(resolver: resolver)
        watcher.connect(.host("localhost", port: port))
        try watcher.run("the connection") { watcher.isOpen || watcher.end != nil }
        #expect(watcher.isOpen)
        #expect(!server.wasAsked)
    }

    /// A thread's resolver begins with zeros, and 0 is the number of a descriptor.
    @Test func `a lookup closes no descriptor that is not its own`() throws {
        // Safe: open reads the path during the call.
        if fcntl(0, F_GETFD) < 0 { _ = unsafe open("/dev/null", O_RDONLY) }
        let before = Self.inode(of: 0)
        #expect(before != nil)
        let server = try SilentServer()
        let resolver = NameResolver(threadName: "names-e", serverPort: server.port)
        for _ in 0..<3 {
            let watcher = try ConnectionWatcher(resolver: resolver)
            watcher.connect(.host("localhost", port: 1))
            try watcher.run("the end") { watcher.end != nil }
            try eventually("the thread's end", within: .seconds(3)) { Self.threads(named: "names-e") == 0 }
            #expect(Self.inode(of: 0) == before)
        }
    }

    private static func inode(of descriptor: Int32) -> UInt64? {
        var status = stat()
        // Safe: fstat writes one structure.
        return unsafe fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : nil
    }
}
