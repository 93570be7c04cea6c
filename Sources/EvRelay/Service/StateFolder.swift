// SPDX-License-Identifier: MIT

/// The folder in which the program keeps what it has made for itself.
enum StateFolder {
    /// systemd's for a service (StateDirectory=), else the user's, by the XDG Base Directory Specification; nil where the
    /// environment names none of them.
    static func path(_ environment: [String: String]) -> String? {
        // systemd names several with colons between.
        if let folder = environment["STATE_DIRECTORY"]?.split(separator: ":").first { return String(folder) }
        // The specification wants relative paths to be taken for nothing.
        if let states = environment["XDG_STATE_HOME"], states.hasPrefix("/") { return "\(states)/evrelay" }
        if let home = environment["HOME"], home.hasPrefix("/") { return "\(home)/.local/state/evrelay" }
        return nil
    }

    /// The secret that links are signed with where nobody has named one.
    static func tokenSecret(_ folder: String) -> String { "\(folder)/token-secret" }

    /// How to name a folder.
    static let advice = "set STATE_DIRECTORY, XDG_STATE_HOME or HOME (in a unit of systemd: StateDirectory=evrelay)"
}
