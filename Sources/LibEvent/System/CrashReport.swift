// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc

/// Tells on standard error where the process was when it ended by a trap, a bad access or an abort: one line, then an
/// address a line, as far as the binary's own code goes relative to where it was loaded. `scripts/symbolize.sh` makes
/// functions and lines of them.
///
/// Swift's own backtracer is not used: it is a program that has to be installed beside the binary (`swift-backtrace`),
/// it stops the process with ptrace(2), and the service's sandbox allows neither programs nor ptrace.
///
/// The handler is C (`shim.h`) and only calls what signal-safety(7) allows: `write`, and glibc's `backtrace`, which
/// allocates and loads libgcc_s at its first call, so it is called once here. It runs on a stack of its own, since the
/// thread's may be what is used up; threads have to ask for one each. Afterwards the signal is raised again with its
/// default action: exit status and core dump are those of the fault. Where another handler is installed already, as by a
/// sanitizer, that one stays.
public enum CrashReport {
    /// Installs the handler for the process, and gives the calling thread a stack for it.
    /// - Parameter version: stands in the report, up to 63 bytes.
    public static func install(version: String) {
        // Safe: the text is copied before the call returns.
        unsafe version.withCString { text in unsafe evrelay_install_crash_report(text) }
        // For as long as the process lives.
        _ = unsafe evrelay_prepare_crash_stack()
    }

    /// Runs `body` with a stack for the handler on this thread; without one, all but the overflow of its own stack is
    /// told, too.
    static func withStack(_ body: () -> Void) {
        let stack = unsafe evrelay_prepare_crash_stack()
        body()
        unsafe evrelay_release_crash_stack(stack)
    }
}
