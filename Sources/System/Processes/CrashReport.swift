// SPDX-License-Identifier: MIT
internal import CSystem
import Glibc

/// Reports on standard error the place at which the process ended by a trap, a bad access or an abort: one line, then
/// one address a line. Addresses in the binary's own code are relative to its load address. `scripts/symbolize.sh`
/// turns them into functions and lines.
///
/// Swift's own backtracer is not used: it is a program that must be installed beside the binary (`swift-backtrace`), it
/// stops the process with ptrace(2), and the service's sandbox allows neither programs nor ptrace.
///
/// The handler is C (`shim.h`). It calls only functions that signal-safety(7) allows, such as `write`, and glibc's
/// `backtrace`. That allocates and loads libgcc_s at its first call, so it is called once here. The handler runs on a
/// stack of its own, since the thread's may be used up; each thread must ask for one. Afterwards the signal is raised
/// again with its default action: exit status and core dump are those of the fault. Where another handler is installed
/// already, as by a sanitizer, that one stays.
public enum CrashReport {
    /// Installs the handler for the process, and gives the calling thread a stack for it.
    /// - Parameter version: shown in the report, up to 63 bytes.
    public static func install(version: String) {
        // Safe: the text is copied before the call returns.
        unsafe version.withCString { text in unsafe evrelay_install_crash_report(text) }
        // Kept for the life of the process.
        _ = unsafe evrelay_prepare_crash_stack()
    }

    /// Runs `body` with a stack for the handler on this thread. Without one, every fault except an overflow of the
    /// thread's own stack is still reported.
    static func withStack(_ body: () -> Void) {
        let stack = unsafe evrelay_prepare_crash_stack()
        body()
        unsafe evrelay_release_crash_stack(stack)
    }
}
