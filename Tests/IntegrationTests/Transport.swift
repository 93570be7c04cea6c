// SPDX-License-Identifier: MIT
import Crypto
import Glibc
import LibEvent
import System
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

/// The transport to a test's relay. `withRelay` and every connection it makes follow it.
enum Transport: String, Sendable {
    case plain
    case tls

    /// The transport of the running test.
    @TaskLocal static var current = Transport.plain

    /// Changes a relay's configuration for this transport.
    func apply(to configuration: inout Configuration) throws {
        guard self == .tls else { return }
        let pair = try Self.pair.get()
        configuration.tls.listen = [.internet(.loopback, port: 0)]
        configuration.tls.certificates = [pair.certificate]
        configuration.tls.keys = [pair.key]
    }

    /// Returns the TLS of a client; nil without TLS.
    func makeClientTLS() throws -> ClientTLS? { self == .tls ? try ClientTLS() : nil }

    /// The paths of a pair that all tests of this process share. The files stay until the process ends: relays may read
    /// them at any start.
    private static let pair: Result<(certificate: String, key: String), any Error> = Result {
        let now = SystemClock.nowMicroseconds() / 1_000_000
        let made = try SelfSignedCertificate.make(
            for: [.host("localhost"), .address("127.0.0.1")], title: "test", begins: now - 60, expires: now + 86_400)
        let (certificate, key) = (TemporaryFile(), TemporaryFile())
        try certificate.write(String(decoding: made.certificate, as: UTF8.self))
        try key.write(String(decoding: made.key, as: UTF8.self))
        atexit { Transport.removePair() }
        return (certificate.path, key.path)
    }

    private static func removePair() {
        guard case .success(let pair) = pair else { return }
        _ = unsafe unlink(pair.certificate)
        _ = unsafe unlink(pair.key)
    }
}

/// Runs each test of a suite once without and once with TLS.
struct OverEachTransport: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard !test.isSuite else { return try await function() }
        for transport in [Transport.plain, .tls] {
            try await Transport.$current.withValue(transport) { try await function() }
        }
    }
}

extension Trait where Self == OverEachTransport {
    static var overEachTransport: Self { Self() }
}
