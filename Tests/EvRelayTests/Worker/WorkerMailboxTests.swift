// SPDX-License-Identifier: MIT
import LibEvent
import System
import TestSupport
import Testing

@testable import EvRelay

@Suite struct WorkerMailboxTests {
    private let mailbox = WorkerMailbox()

    /// Returns the waiting mail in words, settings without their contents.
    private func take() -> [String] {
        mailbox.take().map { mail in if case .apply = mail { "apply" } else { "\(mail)" } }
    }

    @Test func `mail is kept until it is taken, in its order`() {
        #expect(take() == [])
        mailbox.put(.shed)
        mailbox.put(.drain)
        #expect(take() == ["shed", "drain"])
        mailbox.put(.stop)
        #expect(take() == ["stop"])
        #expect(take() == [])
    }

    @Test func `mail of a kind that waits already is merged with it`() throws {
        let configuration = Configuration(cores: 1)
        let access = AccessControl(configuration)
        for number in 1...3 {
            mailbox.put(.shed)
            mailbox.put(.answer(number))
            mailbox.put(.apply(configuration, access))
            mailbox.put(.makeRoom(.total, count: 1))
            mailbox.put(.makeRoom(.descriptors, count: number))
            mailbox.put(.drain)
            mailbox.put(.endStreams(number == 1 ? .finish : .handOver))
            mailbox.put(.stop)
        }
        #expect(
            take() == [
                "shed", "answer(3)", "apply", "makeRoom(LibEvent.ConnectionLimit.total, count: 3)",
                "makeRoom(LibEvent.ConnectionLimit.descriptors, count: 6)", "drain",
                "endStreams(EvRelay.WorkerMail.StreamsEnd.handOver)", "stop",
            ])
    }

    @Test func `the worker is woken by the first mail after each take, and by what waits when it opens`() {
        let calls = Calls()
        mailbox.put(.shed)
        mailbox.open(calls.add)
        #expect(calls.count == 1)
        mailbox.put(.drain)
        #expect(calls.count == 1)
        _ = mailbox.take()
        mailbox.put(.drain)
        mailbox.put(.drain)
        #expect(calls.count == 2)
        _ = mailbox.take()
        mailbox.close()
        mailbox.put(.stop)
        #expect(calls.count == 2)
        #expect(take() == ["stop"])
    }

    @Test func `many threads put, and nothing is lost`() throws {
        let mailbox = mailbox
        let threads = try (0..<4).map { _ in
            try LoopThread(name: "putter") { for _ in 0..<1000 { mailbox.put(.makeRoom(.total, count: 1)) } }
        }
        for thread in threads { thread.join() }
        #expect(take() == ["makeRoom(LibEvent.ConnectionLimit.total, count: 4000)"])
    }
}
