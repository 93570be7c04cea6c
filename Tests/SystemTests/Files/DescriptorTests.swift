// SPDX-License-Identifier: MIT
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import System

@Suite(.serialized) struct DescriptorTests {
    private static let number: Int32 = 700

    init() throws {
        try HighDescriptor.open(at: Self.number)
    }

    @Test func `it is closed with its object`() throws {
        var descriptor: Descriptor? = Descriptor(owning: Self.number)
        #expect(descriptor?.borrowed == Self.number)
        #expect(HighDescriptor.isOpen(Self.number))
        descriptor = nil
        #expect(!HighDescriptor.isOpen(Self.number))
    }

    @Test func `it can be closed before, once`() throws {
        let descriptor = Descriptor(owning: Self.number)
        descriptor.close()
        #expect(!HighDescriptor.isOpen(Self.number))
        #expect(descriptor.borrowed == -1)
        // By now the number belongs to another descriptor.
        try HighDescriptor.open(at: Self.number)
        descriptor.close()
        #expect(HighDescriptor.isOpen(Self.number))
        _ = Glibc.close(Self.number)
    }

    @Test func `who has taken it closes it`() throws {
        var descriptor: Descriptor? = Descriptor(owning: Self.number)
        #expect(descriptor?.take() == Self.number)
        #expect(descriptor?.take() == -1)
        #expect(descriptor?.borrowed == -1)
        #expect(descriptor?.inode == nil)
        descriptor = nil
        #expect(HighDescriptor.isOpen(Self.number))
        _ = close(Self.number)
    }

    @Test func `of many threads one gets it`() throws {
        let descriptor = Descriptor(owning: Self.number)
        let taken = Mutex<[Int32]>([])
        try together(4) { _ in
            let number = descriptor.take()
            taken.withLock { $0.append(number) }
        }
        #expect(taken.withLock { $0 }.sorted() == [-1, -1, -1, Self.number])
        _ = close(Self.number)
    }

    @Test func `a duplicate is another number of the same file and outlives the first`() throws {
        let first = Descriptor(owning: Self.number)
        let inode = try #require(first.inode)
        let copy = try Descriptor(duplicating: Self.number)
        #expect(copy.borrowed != Self.number)
        #expect(copy.inode == inode)
        #expect(fcntl(copy.borrowed, F_GETFD) & FD_CLOEXEC != 0)
        _ = close(first.take())
        #expect(copy.inode == inode)
    }

    @Test func `the inode tells one socket from another`() throws {
        let first = Descriptor(owning: Self.number)
        let second = try Descriptor(ofUnconnectedSocket: ())
        #expect(first.inode == HighDescriptor.inode(of: Self.number))
        #expect(first.inode != second.inode)
    }

    @Test func `what is closed cannot be duplicated`() {
        _ = close(Self.number)
        #expect(throws: SystemError("dup", code: EBADF)) { try Descriptor(duplicating: Self.number) }
    }

    @Test func `nothing comes from an unconnected socket and nothing goes to it`() throws {
        let socket = try Descriptor(ofUnconnectedSocket: ())
        var byte: UInt8 = 0
        // Safe: one byte is read from, and written to, a variable of one byte.
        let (received, sent) = unsafe (
            recv(socket.borrowed, &byte, 1, Int32(MSG_DONTWAIT)), send(socket.borrowed, &byte, 1, Int32(MSG_NOSIGNAL))
        )
        #expect(received < 0)
        #expect(sent < 0)
        #expect(fcntl(socket.borrowed, F_GETFD) & FD_CLOEXEC != 0)
        _ = close(Self.number)
    }
}
