// SPDX-License-Identifier: MIT
import Foundation

/// A folder for the program's state, removed with everything in it when this object is released.
final class TemporaryState {
    let path = FileManager.default.temporaryDirectory.appending(path: "evrelay-state-\(UUID().uuidString)").path

    /// The environment as systemd sets it.
    var environment: [String: String] { ["STATE_DIRECTORY": path] }

    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    }

    func write(_ bytes: [UInt8], _ name: String, mode: Int = 0o600) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(path)/\(name)")
    }

    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
