// SPDX-License-Identifier: MIT
import LibEvent
import System
import Testing

@testable import EvRelay

@Suite struct ServiceRemoteTests {
    private static func text(_ messages: [ServiceRemote.Message]) -> [String] { messages.map { "\($0)" } }

    @Test func `messages arrive in their order, once`() {
        let remote = ServiceRemote()
        remote.deliver(.worker(.drained))
        remote.reload()
        remote.shutDown()
        #expect(Self.text(remote.take()) == Self.text([.worker(.drained), .reload, .shutdown]))
        #expect(remote.take().isEmpty)
    }

    @Test func `what another thread says wakes the service, also what it said before`() throws {
        let loop = try EventLoop()
        let remote = ServiceRemote()
        var received: [ServiceRemote.Message] = []
        let wakeup = try Wakeup(on: loop) {
            received += remote.take()
            if received.count == 2 { loop.stop() }
        }
        remote.shutDown()
        remote.open(wakeup)
        let other = try LoopThread(name: "other") { remote.deliver(.worker(.drained)) }
        loop.run()
        other.join()
        remote.close()
        wakeup.close()
        #expect(received.count == 2)
        remote.shutDown()
        #expect(remote.take().count == 1)
    }
}
