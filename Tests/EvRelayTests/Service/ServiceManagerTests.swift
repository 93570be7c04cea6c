// SPDX-License-Identifier: MIT
import Glibc
import System
import TestSupport
import Testing
import WireFormat

@testable import EvRelay
@testable import LibEvent

@Suite struct ServiceManagerTests {
    private let lines = LogLines()
    private let socket: ManagerSocket

    init() throws {
        socket = try ManagerSocket()
    }

    private func make(_ environment: [String: String] = [:]) -> ServiceManager {
        ServiceManager(
            environment: environment.merging(["NOTIFY_SOCKET": socket.path]) { first, _ in first }, processID: 77,
            log: lines.logger(.debug))
    }

    private var texts: [String] {
        var texts: [String] = []
        while let message = socket.receive() {
            texts.append(message.text)
            for number in message.descriptors { _ = close(number) }
        }
        return texts
    }

    @Test func `the service's life is told`() {
        let manager = make()
        manager.ready(status: "0 cameras live, 0 viewers")
        manager.show(status: "1 camera live, 0 viewers")
        manager.reloading(now: Instant(nanoseconds: 12_345_678_999))
        manager.ready(status: "1 camera live, 0 viewers")
        manager.feedWatchdog()
        manager.stopping()
        #expect(
            texts == [
                "READY=1\nSTATUS=0 cameras live, 0 viewers", "STATUS=1 camera live, 0 viewers",
                "RELOADING=1\nMONOTONIC_USEC=12345678", "READY=1\nSTATUS=1 camera live, 0 viewers", "WATCHDOG=1",
                "STOPPING=1\nSTATUS=draining",
            ])
        #expect(lines.all == [])
    }

    @Test func `the status is told when it changes`() {
        let manager = make()
        manager.ready(status: "a")
        for status in ["a", "b", "b", "b", "a"] { manager.show(status: status) }
        #expect(texts == ["READY=1\nSTATUS=a", "STATUS=b", "STATUS=a"])
    }

    @Test(
        arguments: [
            (["WATCHDOG_USEC": "3000000"], 3_000_000), (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "77"], 3_000_000),
            (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "78"], nil),
            (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": ""], nil), (["WATCHDOG_USEC": "0"], nil),
            (["WATCHDOG_USEC": "-1"], nil), (["WATCHDOG_USEC": "often"], nil), ([:], nil),
            (["WATCHDOG_USEC": "3000000", "NOTIFY_SOCKET": ""], nil),
        ] as [([String: String], Int64?)])
    func `a watchdog counts if it is meant for this process`(_ environment: [String: String], _ interval: Int64?) {
        #expect(make(environment).watchdogInterval == interval.map { .microseconds($0) })
    }

    @Test(
        arguments: [
            (["FDSTORE": "12"], 12), (["FDSTORE": "0"], 0), (["FDSTORE": "-3"], 0), (["FDSTORE": "many"], 0), ([:], 0),
            (["FDSTORE": "12", "NOTIFY_SOCKET": ""], 0),
        ] as [([String: String], Int)])
    func `the manager keeps as many descriptors as it says`(_ environment: [String: String], _ size: Int) {
        #expect(make(environment).storeSize == size)
    }

    @Test func `more descriptors than one message takes go in several`() throws {
        _ = ProcessControl.raiseDescriptorLimit()
        let one = try Descriptor(ofUnconnectedSocket: ())
        let manager = make(["FDSTORE": "1000"])
        #expect(manager.store(Array(repeating: one, count: 600), name: "evrelay-viewer"))
        var counts: [Int] = []
        while let message = socket.receive() {
            #expect(message.text == "FDSTORE=1\nFDNAME=evrelay-viewer")
            counts.append(message.descriptors.count)
            for number in message.descriptors { _ = close(number) }
        }
        #expect(counts == [253, 253, 94])
    }

    @Test func `nothing to store needs no message`() {
        #expect(make(["FDSTORE": "10"]).store([], name: "evrelay-viewer"))
        #expect(texts == [])
    }

    @Test func `what is no longer wanted is forgotten by its name`() {
        make().forget(name: "evrelay-state")
        #expect(texts == ["FDSTOREREMOVE=1\nFDNAME=evrelay-state"])
    }

    @Test func `without a manager nothing is told, and nothing is said of it`() throws {
        let manager = make(["NOTIFY_SOCKET": ""])
        manager.ready(status: "x")
        manager.stopping()
        #expect(!manager.store([try Descriptor(ofUnconnectedSocket: ())], name: "x"))
        #expect(texts == [])
        #expect(lines.all == [])
    }

    @Test func `a manager that cannot be reached is told once, until it can be`() throws {
        let manager = make(["NOTIFY_SOCKET": "/tmp/evrelay-test-nobody-\(ProcessControl.randomNumber())"])
        for number in 0..<5 { manager.show(status: "\(number)") }
        #expect(!manager.store([try Descriptor(ofUnconnectedSocket: ())], name: "x"))
        #expect(lines.all.count == 1)
        #expect(lines.all.first?.hasPrefix("<4>cannot reach the service manager error=") == true)
    }

    @Test func `a name that no socket can have is told, and the service goes on`() {
        let manager = make(["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 200), "FDSTORE": "9"])
        manager.ready(status: "x")
        #expect(manager.storeSize == 0)
        #expect(lines.all.count == 1)
    }
}
