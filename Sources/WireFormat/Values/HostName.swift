// SPDX-License-Identifier: MIT

/// A name of the Domain Name System as it stands in a Host field, in lower case.
public enum HostName {
    /// The longest name, in bytes (RFC 1035 section 2.3.4).
    public static let maxBytes = 253

    private static let characters = Set("abcdefghijklmnopqrstuvwxyz0123456789-._")

    /// Reads a host name in any case, without a port.
    public static func parse(_ text: String) throws(ValueError) -> String {
        let name = text.lowercased()
        guard !name.isEmpty, name.utf8.count <= maxBytes else { throw ValueError(text, "empty or too long") }
        guard characters.isSuperset(of: name) else {
            throw ValueError(text, "not a host name (write an international name in its xn-- form, and no port)")
        }
        return name
    }
}
