// SPDX-License-Identifier: MIT
import Crypto
import Foundation
import LibEvent
import System
import TestSupport

/// Keys and certificates in a temporary folder, made by the openssl program.
final class TestCertificates {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "evrelay-tls-\(UUID().uuidString)")
    let key: String

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        key = folder.appending(path: "key.pem").path
        try run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
    }

    /// Returns a self-signed certificate for localhost and 127.0.0.1 that expires in `days` days.
    func selfSigned(days: Int) throws -> String {
        let (request, certificate) = (file("self.csr"), file("self.pem"))
        try makeRequest(request)
        try run(
            "x509", "-req", "-in", request, "-signkey", key, "-days", "\(days)", "-copy_extensions", "copy", "-out",
            certificate)
        return certificate
    }

    /// Returns a pair for localhost and 127.0.0.1 that expired yesterday. Newer openssl programs make none.
    func expired() throws -> (certificate: String, key: String) {
        let yesterday = SystemClock.nowMicroseconds() / 1_000_000 - 86_400
        let pair = try SelfSignedCertificate.make(
            for: [.host("localhost"), .address("127.0.0.1")], title: "test", begins: yesterday - 86_400,
            expires: yesterday)
        let (certificate, key) = (file("expired.pem"), file("expired.key"))
        for (path, bytes) in [(certificate, pair.certificate), (key, pair.key)] {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        }
        return (certificate, key)
    }

    /// Returns a certificate for localhost, and that of its issuer.
    func issued() throws -> (certificate: String, issuer: String) {
        let (request, certificate, issuer) = (file("leaf.csr"), file("leaf.pem"), file("ca.pem"))
        try run("req", "-x509", "-new", "-key", key, "-subj", "/CN=EvRelay test issuer", "-days", "2", "-out", issuer)
        try makeRequest(request)
        try run(
            "x509", "-req", "-in", request, "-CA", issuer, "-CAkey", key, "-CAcreateserial", "-days", "1",
            "-copy_extensions", "copy", "-out", certificate)
        return (certificate, issuer)
    }

    private func makeRequest(_ path: String) throws {
        try run(
            "req", "-new", "-key", key, "-subj", "/CN=localhost", "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-out", path)
    }

    private func file(_ name: String) -> String { folder.appending(path: name).path }

    private func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw WaitError("openssl \(arguments): \(String(decoding: said, as: UTF8.self))")
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }
}

/// A TLS server (`openssl s_server`) that answers each GET with a page about the connection.
final class TLSPeer {
    let address: ClientAddress
    private let process = Process()

    init(certificate: String, key: String, _ options: String...) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www"] + options
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        var said = ""
        // This line of its output gives its port: "ACCEPT 127.0.0.1:36611".
        while !(said.contains("ACCEPT ") && said.hasSuffix("\n")) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw WaitError("openssl s_server, which said: \(said)") }
            said += String(decoding: more, as: UTF8.self)
        }
        guard let port = said.split(separator: ":").last.flatMap({ UInt16($0.filter(\.isNumber)) }) else {
            throw WaitError("a port in: \(said)")
        }
        address = .tcp(host: "127.0.0.1", port: port)
    }

    deinit {
        // Not SIGTERM: Foundation starts its children with the signals blocked that are blocked in its own thread.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
