// SPDX-License-Identifier: MIT
import WireFormat

/// The values that a setting takes: what they are called and which are accepted.
enum SettingKind: Sendable, Equatable {
    /// A flag without a value.
    case toggle
    /// A whole number.
    case count(ClosedRange<Int>)
    /// A size in bytes.
    case size(ClosedRange<Int>)
    /// A time.
    case time(ClosedRange<Duration>)
    /// One of a few words.
    case word([String])
    /// The path of a file, or a credential.
    case file
    /// The path of a folder.
    case folder
    /// An address to listen on.
    case address
    /// The name of a host.
    case host
    /// An origin or `*`.
    case origin
    /// A network, or `unix`.
    case network
    /// A web address.
    case url

    /// The placeholder of the value in `--help`; nil for a flag without a value.
    var valueName: String? {
        switch self {
        case .toggle: nil
        case .count: "n"
        case .size: "size"
        case .time: "time"
        case .word: "word"
        case .file: "file"
        case .folder: "dir"
        case .address: "address"
        case .host: "name"
        case .origin: "origin"
        case .network: "network"
        case .url: "url"
        }
    }

    /// The accepted values of one setting of this kind: `1 to 256`.
    var acceptedText: String {
        switch self {
        case .toggle: "as a variable: on or off"
        case .count(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .size(let range): "\(ByteSize.text(range.lowerBound)) to \(ByteSize.text(range.upperBound))"
        case .time(let range): "\(TimeSpan.text(range.lowerBound)) to \(TimeSpan.text(range.upperBound))"
        case .word(let words): words.joined(separator: ", ")
        case .file: "a file, or credential:NAME for one that systemd loads"
        case .folder: "a folder"
        case .address: "HOST:PORT, [V6]:PORT, :PORT, unix:PATH or systemd"
        case .host: "a host name"
        case .origin: "scheme://host[:port] or *"
        case .network: "ADDRESS, ADDRESS/BITS, or unix for proxies on unix sockets"
        case .url: "http(s)://host[:port][/path]"
        }
    }
}
