// SPDX-License-Identifier: MIT
import ArgumentParser
import Crypto
import LibEvent
import System

/// The options about the server and its cameras that both commands share.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help:
            "The server: http://127.0.0.1:PORT, http://[::1]:PORT, http://localhost:PORT, the same with https, or unix:PATH."
    )
    var url: ServerURL

    @Option(help: "HTTP version of the viewers' requests: 1.0 or 1.1.")
    var http = LoadPlan.HTTPVersion.oneOne

    @Option(help: "Beginning of the cameras' names; a number from 0 follows.")
    var cameraPrefix = "load"

    @Option(help: "Length of each JPEG in bytes, \(TestFrame.smallestBytes) to 64 MiB.")
    var frameBytes = ByteCount(40_000)

    /// Makes the TLS settings for connections to this server; nil without https.
    /// Any certificate is accepted: the tool sends nothing secret.
    func makeTLS() throws -> ClientTLS? { url.isEncrypted ? try ClientTLS(.tls13, trusting: .anyone) : nil }

    func validate() throws {
        guard (TestFrame.smallestBytes...64 << 20).contains(frameBytes.bytes) else {
            throw ValidationError("--frame-bytes must be \(TestFrame.smallestBytes) to \(64 << 20).")
        }
    }
}

extension LoadPlan.HTTPVersion: ExpressibleByArgument {}

/// A server's address as typed.
struct ServerURL: ExpressibleByArgument {
    let address: ClientAddress
    /// True for https.
    let isEncrypted: Bool

    /// Parses the forms that `ConnectionOptions.url` describes; a path after the port is not accepted.
    init?(argument: String) {
        if argument.hasPrefix("unix:") {
            address = .unix(path: String(argument.dropFirst("unix:".count)))
            isEncrypted = false
            return
        }
        let schemes = ["http://", "https://"]
        guard let scheme = schemes.first(where: { argument.hasPrefix($0) }) else { return nil }
        isEncrypted = scheme == "https://"
        var authority = argument.dropFirst(scheme.count)
        if authority.hasSuffix("/") { authority = authority.dropLast() }
        guard let colon = authority.lastIndex(of: ":"), let port = UInt16(authority[authority.index(after: colon)...])
        else { return nil }
        let host = authority[..<colon].filter { $0 != "[" && $0 != "]" }
        guard !host.isEmpty, port > 0 else { return nil }
        address = .tcp(host: host, port: port)
    }
}

/// A number of bytes, with or without one of the suffixes `KB`, `KiB`, `MB` and `MiB`.
struct ByteCount: ExpressibleByArgument {
    let bytes: Int

    init(_ bytes: Int) {
        self.bytes = bytes
    }

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        let factors = ["": 1, "KB": 1000, "KiB": 1024, "MB": 1_000_000, "MiB": 1_048_576]
        guard let number = Int(digits), let factor = factors[String(argument.dropFirst(digits.count))] else {
            return nil
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow, product > 0 else { return nil }
        bytes = product
    }

    var defaultValueDescription: String { "\(bytes)" }
}
