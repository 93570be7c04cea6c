// SPDX-License-Identifier: MIT
import Glibc

/// The environment variables this process was started with.
public enum ProcessEnvironment {
    /// Returns the variables' values by name. Entries that are not UTF-8 are repaired, entries without `=` are left
    /// out. Must be called before threads start that could change the environment (none of ours does).
    public static func all() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            let line = unsafe String(cString: text)
            if let separator = line.firstIndex(of: "=") {
                variables[String(line[..<separator])] = String(line[line.index(after: separator)...])
            }
            unsafe entry += 1
        }
        return variables
    }
}
