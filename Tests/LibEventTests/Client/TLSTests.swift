// SPDX-License-Identifier: MIT
import Crypto
import Glibc
import LibEvent
import System
import Testing
import TestSupport
import WireFormat

@Suite(.timeLimit(.minutes(1)))
struct TLSTests {
    private func connect(
        _ peer: TLSPeer, as host: String = "localhost", trusting file: String? = nil
    ) throws -> StepwiseExchange {
        let issuers = file.map { ClientTLS.Issuers.file($0) } ?? .system
        return try makeExchange(
            with: peer.address, tls: ClientTLS(trusting: .reported(issuers)), serverName: host)
    }

    private func problem(
        _ peer: TLSPeer, as host: String = "localhost", trusting file: String? = nil
    ) throws -> TLSCertificate.Problem? {
        try #require(try connect(peer, as: host, trusting: file).connection.certificate).problem
    }

    @Test func `a certificate that is trusted has no problem, and bytes pass both ways`() throws {
        let certificates = try TestCertificates()
        let certificate = try certificates.selfSigned(days: 30)
        let peer = try TLSPeer(certificate: certificate, key: certificates.key)
        let exchange = try connect(peer, trusting: certificate)
        let seen = try #require(exchange.connection.certificate)
        #expect(seen.problem == nil)
        let daysLeft = (seen.expires - SystemClock.nowMicroseconds() / 1_000_000) / 86_400
        #expect(29...30 ~= daysLeft)

        try exchange.send(Array("GET / HTTP/1.0\r\n\r\n".utf8), method: "GET")
        #expect(try exchange.receiveHead().head.status == 200)
        let page = try exchange.receiveBody(maxBytes: 100_000)
        #expect(String(decoding: page, as: UTF8.self).contains("TLSv1.3"))
        // The peer serves one connection after another.
        exchange.close()
        #expect(try problem(peer, as: "127.0.0.1", trusting: certificate) == nil)
    }

    @Test func `a certificate that is not believed says why`() throws {
        let certificates = try TestCertificates()
        let own = try certificates.selfSigned(days: 30)
        let ownPeer = try TLSPeer(certificate: own, key: certificates.key)
        #expect(try problem(ownPeer) == .selfSigned)
        #expect(try problem(ownPeer, as: "example.org", trusting: own) == .wrongName)
        #expect(try problem(ownPeer, as: "127.0.0.2", trusting: own) == .wrongName)

        let (leaf, issuer) = try certificates.issued()
        let leafPeer = try TLSPeer(certificate: leaf, key: certificates.key)
        #expect(try problem(leafPeer) == .unknownIssuer)
        #expect(try problem(leafPeer, trusting: issuer) == nil)
    }

    @Test func `an expired certificate says when its time ended`() throws {
        let certificates = try TestCertificates()
        let (certificate, key) = try certificates.expired()
        let peer = try TLSPeer(certificate: certificate, key: key)
        let seen = try #require(try connect(peer, trusting: certificate).connection.certificate)
        #expect(seen.problem == .expired)
        let now = SystemClock.nowMicroseconds() / 1_000_000
        #expect(seen.expires < now && seen.expires > now - 2 * 86_400)
    }

    @Test func `nothing older than TLS 1-2 is spoken`() throws {
        let certificates = try TestCertificates()
        let certificate = try certificates.selfSigned(days: 1)
        let older = try TLSPeer(
            certificate: certificate, key: certificates.key, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
        #expect(throws: ClientError.self) { try connect(older, trusting: certificate) }
        let old = try TLSPeer(certificate: certificate, key: certificates.key, "-tls1_2")
        #expect(throws: Never.self) { try connect(old, trusting: certificate) }
    }

    @Test func `a certificate that is required is refused by its problem, and nothing is sent`() throws {
        let certificates = try TestCertificates()
        let own = try certificates.selfSigned(days: 30)
        let peer = try TLSPeer(certificate: own, key: certificates.key)
        #expect(throws: ClientError.notTrusted(.selfSigned)) {
            try makeExchange(with: peer.address, tls: ClientTLS(trusting: .required(.system)), serverName: "localhost")
        }
        let trusting = try ClientTLS(trusting: .required(.file(own)))
        #expect(throws: ClientError.notTrusted(.wrongName)) {
            try makeExchange(with: peer.address, tls: trusting, serverName: "example.org")
        }
        let exchange = try makeExchange(with: peer.address, tls: trusting, serverName: "localhost")
        #expect(exchange.connection.certificate?.problem == nil)
    }

    @Test func `trusted certificates that cannot be read are an error`() {
        #expect(throws: SystemError.self) { try ClientTLS(trusting: .reported(.file("/nonexistent.pem"))) }
    }

    @Test func `a peer that speaks no TLS is told from one with a bad certificate`() throws {
        let peer = try ScriptedPeer("HTTP/1.1 400 Bad Request\r\n\r\n")
        do {
            _ = try makeExchange(with: peer.address, tls: ClientTLS(trusting: .reported(.system)))
            Issue.record("a handshake with text")
        } catch let error as ClientError {
            guard case .handshakeFailed(let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(reason.contains("wrong version number"))
        }
    }

    @Test func `a peer that says nothing in the handshake is waited for no longer than agreed`() throws {
        let peer = try ScriptedPeer("", keepsOpen: true)
        let watcher = try ConnectionWatcher()
        var limits = OutgoingLimits(each: .seconds(10))
        limits.handshake = .milliseconds(50)
        watcher.connect(.addresses([peer.address]), limits, tls: try ClientTLS(trusting: .anyone))
        try watcher.run("the end") { watcher.end != nil }
        #expect(watcher.end?.error == .timedOut(.handshake))
    }

    @Test func `a peer that closes in the handshake is told from a silent one`() throws {
        let peer = try HeldPeer()
        let watcher = try ConnectionWatcher()
        watcher.connect(.addresses([peer.address]), tls: try ClientTLS(trusting: .anyone))
        // Only once the client's first message is there: a close before it would reset.
        let connection = try peer.accept()
        try watcher.run("the first message") {
            var byte: UInt8 = 0
            // Safe: recv writes at most one byte.
            return unsafe recv(connection, &byte, 1, Int32(MSG_DONTWAIT | MSG_PEEK)) > 0
        }
        try peer.discard()
        try peer.end()
        try watcher.run("the end") { watcher.end != nil }
        #expect(watcher.end?.error == .handshakeFailed("the connection was closed"))
    }
}
