// SPDX-License-Identifier: MIT
import Glibc
import Testing

@testable import System

/// The numbers from 3 on belong to the process that runs the tests; these tests use higher ones.
@Suite(.serialized) struct PassedDescriptorsTests {
    private static let first: Int32 = 900

    private static func passed(
        _ count: String?, names: String? = nil, process: String? = "\(getpid())"
    ) -> PassedDescriptors {
        var environment = ["PATH": "/bin"]
        environment["LISTEN_FDS"] = count
        environment["LISTEN_FDNAMES"] = names
        environment["LISTEN_PID"] = process
        return PassedDescriptors(environment: environment, first: first)
    }

    /// Opens descriptors at these offsets, and closes the remaining ones after the test.
    private static func withDescriptors(_ offsets: [Int32], _ body: () throws -> Void) throws {
        for offset in offsets { try HighDescriptor.open(at: first + offset) }
        defer { for offset in offsets { _ = close(first + offset) } }
        try body()
    }

    @Test func `they come in their order, with their names, and do not outlive an exec`() throws {
        try Self.withDescriptors([0, 1, 2]) {
            let inodes = (0..<3).map { HighDescriptor.inode(of: Self.first + $0) }
            let passed = Self.passed("3", names: "http:evrelay-viewer:evrelay-viewer")
            #expect(passed.entries.map(\.name) == ["http", "evrelay-viewer", "evrelay-viewer"])
            #expect(passed.entries.map(\.descriptor.borrowed) == [Self.first, Self.first + 1, Self.first + 2])
            #expect(passed.entries.map(\.descriptor.inode) == inodes)
            for entry in passed.entries { #expect(fcntl(entry.descriptor.borrowed, F_GETFD) & FD_CLOEXEC != 0) }
        }
    }

    @Test func `they are closed with their owner`() throws {
        try Self.withDescriptors([0, 1]) {
            _ = Self.passed("2")
            #expect(!HighDescriptor.isOpen(Self.first))
            #expect(!HighDescriptor.isOpen(Self.first + 1))
        }
    }

    @Test(arguments: [nil, "", "1", "x", "-1", "4294967297"] as [String?])
    func `what is meant for another process is left alone`(_ process: String?) throws {
        try Self.withDescriptors([0]) {
            #expect(Self.passed("1", process: process).entries.isEmpty)
            #expect(HighDescriptor.isOpen(Self.first))
        }
    }

    @Test(arguments: [nil, "", "0", "-1", "one", "1 ", "0x1", "1048577", "99999999999999999999"] as [String?])
    func `a count that makes no sense counts as none`(_ count: String?) throws {
        try Self.withDescriptors([0]) {
            #expect(Self.passed(count).entries.isEmpty)
            #expect(HighDescriptor.isOpen(Self.first))
        }
    }

    @Test(
        arguments: [
            (nil, ["unknown", "unknown", "unknown"]), ("", ["unknown", "unknown", "unknown"]),
            ("a", ["a", "unknown", "unknown"]), ("a::c", ["a", "unknown", "c"]), ("a:b:c:d", ["a", "b", "c"]),
        ] as [(String?, [String])])
    func `a name that is missing is unknown`(_ names: String?, _ expected: [String]) throws {
        try Self.withDescriptors([0, 1, 2]) {
            #expect(Self.passed("3", names: names).entries.map(\.name) == expected)
        }
    }

    @Test func `a number that is closed is left out, and the others keep their names`() throws {
        try Self.withDescriptors([0, 2]) {
            let passed = Self.passed("3", names: "a:b:c")
            #expect(passed.entries.map(\.name) == ["a", "c"])
            #expect(passed.entries.map(\.descriptor.borrowed) == [Self.first, Self.first + 2])
        }
    }

    @Test func `without an announcement there are none`() {
        #expect(PassedDescriptors(environment: [:]).entries.isEmpty)
        #expect(PassedDescriptors().entries.isEmpty)
    }
}
