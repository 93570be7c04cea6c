// SPDX-License-Identifier: MIT
import Glibc
import TestSupport
import Testing

@testable import System

@Suite struct NotifySocketTests {
    private static func close(_ numbers: [Int32]) { for number in numbers { _ = Glibc.close(number) } }

    @Test(arguments: [false, true])
    func `each message arrives as one datagram, by path and by abstract name`(_ isAbstract: Bool) throws {
        let manager = try ManagerSocket(isAbstract: isAbstract)
        #expect(manager.path.hasPrefix("@") == isAbstract)
        let socket = try NotifySocket(path: manager.path)
        try socket.send(["READY=1", "STATUS=3 cameras live, 1 viewer"])
        try socket.send(["WATCHDOG=1"])
        #expect(manager.receive()?.text == "READY=1\nSTATUS=3 cameras live, 1 viewer")
        let second = try #require(manager.receive())
        #expect(second.text == "WATCHDOG=1")
        #expect(second.descriptors == [])
        #expect(manager.receive() == nil)
    }

    @Test(arguments: [1, 2, 3, 253]) func `descriptors arrive as the same sockets, in their order`(_ count: Int) throws
    {
        _ = ProcessControl.raiseDescriptorLimit()
        let manager = try ManagerSocket()
        let sockets = try (0..<count).map { _ in try Descriptor(ofUnconnectedSocket: ()) }
        try NotifySocket(path: manager.path).send(["FDSTORE=1", "FDNAME=x"], descriptors: sockets)
        let message = try #require(manager.receive())
        defer { Self.close(message.descriptors) }
        #expect(message.text == "FDSTORE=1\nFDNAME=x")
        #expect(message.descriptors.map(HighDescriptor.inode) == sockets.map(\.inode))
        // The sender keeps its own descriptors.
        #expect(sockets.allSatisfy { HighDescriptor.isOpen($0.borrowed) })
        #expect(Set(message.descriptors).isDisjoint(with: sockets.map(\.borrowed)))
    }

    @Test func `a connection can be used through what has arrived`() throws {
        let manager = try ManagerSocket()
        let pair = try SocketPair()
        let near = try Descriptor(duplicating: pair.near)
        try NotifySocket(path: manager.path).send(["FDSTORE=1"], descriptors: [near])
        let message = try #require(manager.receive())
        defer { Self.close(message.descriptors) }
        try pair.write([1, 2, 3])
        var bytes = [UInt8](repeating: 0, count: 10)
        // Safe: recv writes at most as many bytes as the array has.
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe recv(message.descriptors[0], $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
        }
        #expect(Array(bytes.prefix(max(0, count))) == [1, 2, 3])
    }

    @Test func `without a manager nothing can be sent`() throws {
        let missing = "/tmp/evrelay-test-missing-\(ProcessControl.randomNumber())"
        #expect(throws: SystemError("sendmsg", subject: "NOTIFY_SOCKET", code: ENOENT)) {
            try NotifySocket(path: missing).send(["READY=1"])
        }
        #expect(throws: SystemError("sendmsg", subject: "NOTIFY_SOCKET", code: ECONNREFUSED)) {
            try NotifySocket(path: "@" + missing).send(["READY=1"])
        }
    }

    @Test func `a manager that has gone is told as an error, each time`() throws {
        var manager: ManagerSocket? = try ManagerSocket()
        let socket = try NotifySocket(path: manager?.path ?? "")
        try socket.send(["READY=1"])
        manager = nil
        for _ in 1...2 { #expect(throws: SystemError.self) { try socket.send(["READY=1"]) } }
    }

    @Test func `a manager that does not read is waited for a second, no longer`() throws {
        let manager = try ManagerSocket()
        let socket = try NotifySocket(path: manager.path)
        let start = SystemClock.monotonic()
        let error = try #require(throws: SystemError.self) {
            for _ in 0..<100_000 { try socket.send(["WATCHDOG=1"]) }
        }
        #expect(error.code == EAGAIN)
        #expect((SystemClock.monotonic() - start) > .milliseconds(900))
        #expect(manager.receive()?.text == "WATCHDOG=1")
        try socket.send(["READY=1"])
    }

    @Test func `a descriptor that somebody has taken cannot be sent`() throws {
        let manager = try ManagerSocket()
        let socket = try Descriptor(ofUnconnectedSocket: ())
        _ = Glibc.close(socket.take())
        #expect(throws: SystemError("sendmsg", subject: "NOTIFY_SOCKET", code: EBADF)) {
            try NotifySocket(path: manager.path).send(["FDSTORE=1"], descriptors: [socket])
        }
        #expect(manager.receive() == nil)
    }

    @Test(arguments: ["", "/" + String(repeating: "x", count: 107), "@" + String(repeating: "x", count: 107)])
    func `a path that no socket can have is refused`(_ path: String) {
        let error = #expect(throws: SystemError.self) { try NotifySocket(path: path) }
        #expect(error?.code == ENAMETOOLONG)
    }
}
