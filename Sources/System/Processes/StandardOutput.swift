// SPDX-License-Identifier: MIT
import Glibc

/// The process's standard output stream.
public enum StandardOutput {
    /// True if standard output is a terminal, not a file, a pipe or a service manager.
    public static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
}
