// SPDX-License-Identifier: MIT
import Logging
import Synchronization
import Testing
import WireFormat

@testable import EvRelay

/// The text written, one element per write.
private final class Writes: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ bytes: [UInt8]) { lines.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) } }
}

@Suite struct JournalLogTests {
    private let writes = Writes()

    private func logger(_ level: LogLevel, isJournal: Bool = true) -> Logger {
        logger(LogThreshold(level), isJournal: isJournal)
    }

    private func logger(
        _ threshold: LogThreshold, isJournal: Bool = true, send: (@Sendable ([UInt8]) -> Bool)? = nil
    ) -> Logger {
        let handler = JournalLog(
            threshold: threshold, form: .init(.text, isJournal: isJournal), send: send, write: writes.add,
            nowMicroseconds: { 1_795_370_400_123_456 })
        return Logger(label: "evrelay") { _ in handler }
    }

    @Test func `each event is one write, with the time of the clock`() {
        let logger = logger(.info, isJournal: false)
        logger.notice("listening", metadata: ["address": "[::]:1"])
        logger.error("gone")
        #expect(
            writes.all == [
                "2026-11-22T18:00:00.123Z notice listening address=[::]:1\n", "2026-11-22T18:00:00.123Z error gone\n",
            ])
    }

    @Test(arguments: [
        (LogLevel.debug, "76543"), (.info, "6543"), (.notice, "543"), (.warning, "43"), (.error, "3"),
    ])
    func `events below the level are left out`(_ level: LogLevel, _ priorities: String) {
        let logger = logger(level)
        logger.trace("t")
        logger.debug("d")
        logger.info("i")
        logger.notice("n")
        logger.warning("w")
        logger.error("e")
        #expect(writes.all.compactMap { $0.dropFirst().first }.map { String($0) }.joined() == priorities)
    }

    @Test func `an event's value beats the provider's, which beats the logger's`() {
        var logger = logger(.info)
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "b"] = "logger"
        logger[metadataKey: "c"] = "logger"
        logger.handler.metadataProvider = .init { ["b": "provider", "c": "provider"] }
        logger.info("m", metadata: ["c": "event"])
        #expect(writes.all == ["<6>m a=logger b=provider c=event\n"])
        #expect(logger[metadataKey: "a"] == "logger")
    }

    @Test func `a copied logger keeps its own values`() {
        let first = logger(.info)
        var second = first
        second[metadataKey: "k"] = "2"
        second.logLevel = .error
        first.info("first")
        second.info("left out")
        second.error("second")
        #expect(writes.all == ["<6>first\n", "<3>second k=2\n"])
    }

    @Test func `a change of the threshold holds for every copy that has no level of its own`() {
        let threshold = LogThreshold(.warning)
        let first = logger(threshold)
        var second = first
        second.logLevel = .error
        for level in LogLevel.allCases {
            threshold.set(level)
            #expect(threshold.level == level)
            #expect(first.logLevel == level.loggerLevel)
            #expect(second.logLevel == .error)
        }
        threshold.set(.debug)
        first.debug("seen")
        second.warning("left out")
        #expect(writes.all == ["<7>seen\n"])
    }

    @Test func `an entry goes to the journal, and becomes a line where the journal does not take it`() {
        let sent = Writes()
        let logger = logger(LogThreshold(.info)) { entry in
            sent.add(entry)
            return sent.all.count == 1
        }
        logger.info("first", metadata: ["k": "v"])
        logger.error("second")
        #expect(sent.all.count == 2)
        #expect(sent.all.first?.contains("EVRELAY_K=v\n") == true)
        #expect(writes.all == ["<3>second\n"])
    }
}
