// SPDX-License-Identifier: MIT
import Glibc

/// The process's standard output stream.
public enum StandardOutput {
    /// True if somebody reads it on a terminal, and no file, pipe or service manager keeps it.
    public static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
}
