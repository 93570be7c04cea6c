// SPDX-License-Identifier: MIT

/// An address at which the server accepts connections.
public enum ListenAddress: Sendable, Hashable {
    /// A TCP port of one address; port 0 lets the kernel choose. `::` accepts both families.
    case internet(IPAddress, port: UInt16)
    /// A unix socket at an absolute path of at most `maxPathBytes` bytes.
    case unix(path: String)
    /// The sockets that systemd opened and passed (sd_listen_fds(3)).
    case systemd

    /// `sun_path` has 108 bytes on Linux, one of them for the closing NUL (unix(7)).
    public static let maxPathBytes = 107

    /// Reads `HOST:PORT`, `[V6]:PORT`, `:PORT` (every address), `unix:PATH` or `systemd`; HOST is an IPv4 address or
    /// `localhost`.
    public init(parsing text: String) throws(ValueError) {
        if text.hasPrefix("unix:") {
            self = .unix(path: try Self.path(text))
            return
        }
        if text == "systemd" {
            self = .systemd
            return
        }
        guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else {
            throw ValueError(text, "the port is missing, as in :30333 or 127.0.0.1:30333")
        }
        let host = try Self.host(text[..<colon], of: text)
        self = .internet(host, port: try Self.port(text[text.index(after: colon)...], of: text))
    }

    private static func path(_ text: String) throws(ValueError) -> String {
        let path = text.dropFirst("unix:".count)
        guard path.hasPrefix("/"), !path.hasSuffix("/") else {
            throw ValueError(text, "the socket's path is not absolute, as in unix:/run/evrelay.sock")
        }
        guard path.utf8.count <= maxPathBytes else {
            throw ValueError(text, "the socket's path has \(path.utf8.count) bytes; at most \(maxPathBytes) fit")
        }
        guard !path.utf8.contains(0) else { throw ValueError(text, "the socket's path contains NUL") }
        return String(path)
    }

    private static func host(_ host: Substring, of text: String) throws(ValueError) -> IPAddress {
        if host.isEmpty { return .everyAddress }
        if host == "localhost" { return .loopback }
        if host.hasPrefix("["), host.hasSuffix("]") {
            guard let address = IPAddress(v6: host.dropFirst().dropLast()) else {
                throw ValueError(text, "not an IPv6 address between the brackets")
            }
            return address
        }
        if let address = IPAddress(v4: host) { return address }
        guard !host.contains(":") else { throw ValueError(text, "an IPv6 address needs brackets, as in [::1]:30333") }
        throw ValueError(text, "the host is neither a numeric address nor localhost")
    }

    private static func port(_ port: Substring, of text: String) throws(ValueError) -> UInt16 {
        guard WholeNumber.isDigits(port.utf8), let number = UInt16(port) else {
            throw ValueError(text, "the port is not a whole number from 0 to 65535")
        }
        return number
    }
}

extension ListenAddress: CustomStringConvertible {
    /// The canonical form, which `init(parsing:)` reads back.
    public var description: String {
        switch self {
        case .internet(let address, let port):
            if case .v6 = address { "[\(address)]:\(port)" } else { "\(address):\(port)" }
        case .unix(let path): "unix:\(path)"
        case .systemd: "systemd"
        }
    }
}
