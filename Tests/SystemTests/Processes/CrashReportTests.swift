// SPDX-License-Identifier: MIT
import Glibc
import System
import Testing

@Suite struct CrashReportTests {
    private static let numbers = [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT]

    /// Installs the report after removing the handlers of Swift's backtracer or a sanitizer.
    private static func install() {
        for number in numbers { _ = signal(number, SIG_DFL) }
        CrashReport.install(version: "1.2.3")
    }

    /// Returns an element that cannot be computed before it runs.
    private static func element(_ index: Int, of numbers: [Int]) -> Int { numbers[index] }

    private static func endless(_ depth: Int) -> Int {
        unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: 100) { room in
            unsafe room.initialize(repeating: depth)
            return unsafe endless(depth + 1) + room[depth % 100]
        }
    }

    @Test func `a trap of Swift's tells its signal, its version and where it was`() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.exitStatus, \.standardErrorContent]) {
            Self.install()
            _ = Self.element(CommandLine.arguments.count + 1, of: [])
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(result.exitStatus == .signal(SIGILL) || result.exitStatus == .signal(SIGTRAP))
        #expect(
            text.contains("crash signal=\(SIGILL) version=1.2.3 build=") || text.contains("crash signal=\(SIGTRAP) "))
        #expect(text.split(separator: "\n").count { $0.hasPrefix("crash at ") } >= 3, "\(text)")
    }

    @Test func `a bad access tells the address, on a thread too`() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.exitStatus, \.standardErrorContent]) {
            Self.install()
            let thread = try LoopThread(name: "faulty") {
                let nowhere = unsafe UnsafePointer<UInt8>(bitPattern: 0x1230)
                if let nowhere = unsafe nowhere { print(unsafe nowhere.pointee) }
            }
            thread.join()
        }
        #expect(result.exitStatus == .signal(SIGSEGV))
        #expect(String(decoding: result.standardErrorContent, as: UTF8.self).contains(" address=0x1230\ncrash at "))
    }

    @Test func `a stack that is used up is told as well`() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.exitStatus, \.standardErrorContent]) {
            Self.install()
            let thread = try LoopThread(name: "deep") { print(Self.endless(0)) }
            thread.join()
        }
        #expect(result.exitStatus == .signal(SIGSEGV))
        #expect(String(decoding: result.standardErrorContent, as: UTF8.self).contains("crash signal=\(SIGSEGV) "))
    }

    @Test func `a handler that was there before stays`() async {
        await #expect(processExitsWith: .success) {
            for number in Self.numbers { _ = signal(number, SIG_IGN) }
            CrashReport.install(version: "1.2.3")
            _ = kill(getpid(), SIGILL)
        }
    }
}
