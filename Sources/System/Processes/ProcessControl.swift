// SPDX-License-Identifier: MIT
internal import CSystem
import Glibc

/// The process's requests to the kernel about itself.
public enum ProcessControl {
    /// Raises the limit of open descriptors to the hard limit. Returns the limit that then applies.
    public static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        var raised = limit
        raised.rlim_cur = raised.rlim_max
        if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        return Int(clamping: limit.rlim_cur)
    }

    /// The limit of open descriptors that applies now.
    public static var descriptorLimit: Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        return Int(clamping: limit.rlim_cur)
    }

    /// This process's ID.
    public static var processID: Int32 { getpid() }

    /// Returns free memory that lies between used memory to the system. Takes milliseconds, in which no thread can
    /// allocate.
    public static func giveMemoryBack() { _ = malloc_trim(0) }

    /// The number of online processors; at least 1. An affinity mask or a cgroup quota does not reduce it.
    public static var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// This machine's configured name, with or without its domain; nil if it has none.
    public static var hostName: String? {
        // HOST_NAME_MAX is 64; POSIX leaves the closing zero open.
        var name = [CChar](repeating: 0, count: 256)
        // Safe: gethostname writes at most as many bytes as it is told.
        guard unsafe gethostname(&name, name.count) == 0 else { return nil }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self)
    }

    /// Ends the process at once, with nothing flushed or released: for a second signal during shutdown.
    public static func exitNow(_ status: Int32) -> Never { _exit(status) }

    /// Returns eight unpredictable bytes, for identifiers that must differ from start to start.
    public static func randomNumber() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
