// SPDX-License-Identifier: MIT
import Glibc
import Testing

@testable import System

struct ProcessUsageTests {
    @Test func `this process has memory, and its time grows with its work`() throws {
        let before = try ProcessUsage(ofProcess: getpid())
        #expect(before.residentBytes > 1_000_000)
        #expect(before.cpuSeconds > 0)
        var after = before.cpuSeconds
        while after <= before.cpuSeconds { after = try ProcessUsage.cpuSeconds(ofProcess: 0) }
        #expect(after > before.cpuSeconds)
    }

    @Test func `a process that is none is an error`() {
        // Above the largest process number that a kernel gives (4194304, PID_MAX_LIMIT).
        #expect(throws: SystemError.self) { try ProcessUsage(ofProcess: 4_194_305) }
    }

    @Test func `the resident memory is read from the status, whatever stands around it`() {
        let status = "Name:\tVmRSS: 5 kB\nVmSize:\t  9000 kB\nVmRSS:\t   1234 kB\nRssAnon:\t 77 kB\n"
        #expect(ProcessUsage.bytes("VmRSS", inStatus: status) == 1234 * 1024)
    }

    @Test(arguments: ["", "VmRSS:", "VmRSS:\tx kB", "VmRSS:\t12 MB", "VmRSS:\t9223372036854775807 kB"])
    func `a status without resident memory is an error`(status: String) {
        #expect(ProcessUsage.bytes("VmRSS", inStatus: status) == nil)
    }
}
