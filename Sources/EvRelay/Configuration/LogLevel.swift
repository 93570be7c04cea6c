// SPDX-License-Identifier: MIT

/// The least serious level that is logged.
enum LogLevel: String, Sendable, CaseIterable {
    case debug, info, notice, warning, error
}
