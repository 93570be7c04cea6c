// SPDX-License-Identifier: MIT
import Glibc
import System
import Testing

@Suite struct ProcessTests {
    // MARK: - ProcessEnvironment

    @Test func `the environment is that of the process`() throws {
        // Safe: nothing in the test process changes the environment.
        let path = unsafe getenv("PATH").map { unsafe String(cString: $0) }
        #expect(path != nil)
        #expect(ProcessEnvironment.all()["PATH"] == path)
        #expect(ProcessEnvironment.all()["EVRELAY_SURELY_NOT_SET"] == nil)
    }

    @Test func `values may be empty, hold equals signs, and bytes that are not UTF-8`() async {
        await #expect(processExitsWith: .success) {
            _ = unsafe setenv("EVRELAY_TEST_A", "", 1)
            _ = unsafe setenv("EVRELAY_TEST_B", "a=b=", 1)
            let bytes: [CChar] = [0x61, -1, 0x62, 0]
            _ = unsafe setenv("EVRELAY_TEST_C", bytes, 1)
            let all = ProcessEnvironment.all()
            #expect(all["EVRELAY_TEST_A"] == "")
            #expect(all["EVRELAY_TEST_B"] == "a=b=")
            #expect(all["EVRELAY_TEST_C"] == "a\u{FFFD}b")
        }
    }

    // MARK: - StandardError

    @Test func `standard error is the journal only if device and inode are those of JOURNAL_STREAM`() {
        var status = stat()
        #expect(unsafe fstat(STDERR_FILENO, &status) == 0)
        let own = "\(status.st_dev):\(status.st_ino)"
        #expect(StandardError.isJournal(journalStream: own))
        for other in [nil, "", own + "0", "0:0", "\(status.st_ino):\(status.st_dev)", " \(own)", "\(own):"] {
            #expect(!StandardError.isJournal(journalStream: other))
        }
    }

    @Test func `all bytes go out on standard error`() async throws {
        let result = try await #require(
            processExitsWith: .success, observing: [\.standardErrorContent]
        ) {
            StandardError.write([])
            StandardError.write(Array("first\n".utf8))
            StandardError.write([UInt8](repeating: 0x78, count: 300_000))
        }
        let content = result.standardErrorContent
        let first = Array("first\n".utf8)
        #expect(content.count >= 300_006)
        #expect(content.starts(with: first))
        #expect(content.dropFirst(6).prefix(300_000).allSatisfy { $0 == 0x78 })
    }

    // MARK: - ProcessControl

    @Test func `the descriptor limit is raised to the hard limit`() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit(rlim_cur: 64, rlim_max: 128)
            _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            #expect(ProcessControl.raiseDescriptorLimit() == 128)
            #expect(ProcessControl.raiseDescriptorLimit() == 128)
            _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            #expect(limit.rlim_cur == 128)
        }
    }

    @Test func `an exit at once has its status`() async {
        await #expect(processExitsWith: .exitCode(143)) { ProcessControl.exitNow(143) }
    }

    @Test func `identifiers differ and there is a processor`() {
        #expect(Set((0..<100).map { _ in ProcessControl.randomNumber() }).count == 100)
        #expect(ProcessControl.processorCount >= 1)
    }
}
