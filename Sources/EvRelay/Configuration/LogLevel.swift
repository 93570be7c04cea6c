// SPDX-License-Identifier: MIT

/// How much is logged: a level and everything more serious.
enum LogLevel: String, Sendable, CaseIterable {
    case debug, info, notice, warning, error
}
