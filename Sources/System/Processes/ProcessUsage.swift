// SPDX-License-Identifier: MIT
import CSystem
import Glibc

/// The processor time and memory that a process of this machine uses.
public struct ProcessUsage: Equatable, Sendable {
    /// User and system time of all its threads, including ended ones, without its children, in seconds.
    public let cpuSeconds: Double
    /// Resident memory, including pages of files: VmRSS of proc_pid_status(5).
    public let residentBytes: Int
    /// All memory in its address space: VmSize.
    public let virtualBytes: Int

    /// Reads the usage of a process.
    ///
    /// - Throws: ESRCH or ENOENT if there is no such process (any more), EPROTO if its status cannot be parsed.
    public init(ofProcess processID: Int32) throws(SystemError) {
        cpuSeconds = try Self.cpuSeconds(ofProcess: processID)
        let path = "/proc/\(processID)/status"
        let status = String(decoding: try FileContents.read(path: path, maxBytes: 65536), as: UTF8.self)
        guard let residentBytes = Self.bytes("VmRSS", inStatus: status),
            let virtualBytes = Self.bytes("VmSize", inStatus: status)
        else { throw SystemError("understand", subject: path, code: EPROTO) }
        self.residentBytes = residentBytes
        self.virtualBytes = virtualBytes
    }

    /// Reads the usage of this process.
    public static func own() throws(SystemError) -> ProcessUsage { try ProcessUsage(ofProcess: getpid()) }

    /// Returns the number of descriptors that this process has open.
    public static func openDescriptors() throws(SystemError) -> Int {
        guard let folder = unsafe opendir("/proc/self/fd") else {
            throw SystemError("opendir", subject: "/proc/self/fd", code: errno)
        }
        defer { unsafe closedir(folder) }
        // "." and "..", and the descriptor that reads the folder.
        var count = -3
        while unsafe readdir(folder) != nil { count += 1 }
        return max(0, count)
    }

    /// Returns the processor time of a process (0: of this one) in seconds, to the microsecond; `/proc/PID/stat` has
    /// steps of 10 ms.
    public static func cpuSeconds(ofProcess processID: Int32) throws(SystemError) -> Double {
        var clock = clockid_t()
        // Safe: both calls only fill the variable they are given.
        let code = unsafe clock_getcpuclockid(processID, &clock)
        guard code == 0 else { throw SystemError("clock_getcpuclockid", subject: "\(processID)", code: code) }
        var time = timespec()
        guard unsafe clock_gettime(clock, &time) == 0 else {
            throw SystemError("clock_gettime of process", subject: "\(processID)", code: errno)
        }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Returns the number after `name` and a colon, in bytes; nil if there is none. The kernel gives it in KiB, which
    /// it calls kB.
    static func bytes(_ name: String, inStatus status: String) -> Int? {
        for line in status.split(separator: "\n") where line.hasPrefix("\(name):") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count == 3, words[2] == "kB", let kibibytes = Int(words[1]), kibibytes < Int.max / 1024 else {
                return nil
            }
            return kibibytes * 1024
        }
        return nil
    }
}
