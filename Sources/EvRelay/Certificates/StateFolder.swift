// SPDX-License-Identifier: MIT

/// The folder in which the program keeps the files that it has made for itself.
enum StateFolder {
    /// Returns systemd's folder for a service (StateDirectory=), else the user's, by the XDG Base Directory
    /// Specification. Returns nil if the environment names none of them.
    static func path(_ environment: [String: String]) -> String? {
        // systemd separates several folders by colons.
        if let folder = environment["STATE_DIRECTORY"]?.split(separator: ":").first { return String(folder) }
        // The specification requires relative paths to be ignored.
        if let states = environment["XDG_STATE_HOME"], states.hasPrefix("/") { return "\(states)/evrelay" }
        if let home = environment["HOME"], home.hasPrefix("/") { return "\(home)/.local/state/evrelay" }
        return nil
    }

    /// Returns the path of the secret with which links are signed if no other is named.
    static func tokenSecret(_ folder: String) -> String { "\(folder)/token-secret" }

    /// Advice for people on how to name a folder.
    static let advice = "set STATE_DIRECTORY, XDG_STATE_HOME or HOME (in a unit of systemd: StateDirectory=evrelay)"
}
