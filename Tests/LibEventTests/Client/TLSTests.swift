// SPDX-License-Identifier: MIT
import LibEvent
import System
import TestSupport
import Testing
import WireFormat

@Suite(.timeLimit(.minutes(1)))
struct TLSTests {
    private func connect(
        _ peer: TLSPeer, as host: String = "localhost", trusting file: String? = nil
    ) throws -> ClientConnection {
        let connection = try ClientConnection(to: [peer.address], timeout: .seconds(10))
        try connection.startTLS(host: host, trustFile: file, before: soon)
        return connection
    }

    @Test func `a certificate that is trusted has no problem, and bytes pass both ways`() throws {
        let certificates = try TestCertificates()
        let certificate = try certificates.selfSigned(days: 30)
        let peer = try TLSPeer(certificate: certificate, key: certificates.key)
        let connection = try connect(peer, trusting: certificate)
        let seen = try #require(connection.certificate)
        #expect(seen.problem == nil)
        let daysLeft = (seen.expires - SystemClock.nowMicroseconds() / 1_000_000) / 86_400
        #expect(29...30 ~= daysLeft)

        let exchange = ClientExchange(over: connection, maxHeadBytes: 4096)
        try exchange.send(Array("GET / HTTP/1.0\r\n\r\n".utf8), before: soon)
        #expect(try exchange.receiveHead(before: soon).head.status == 200)
        let page = try exchange.receiveBody(maxBytes: 100_000, before: soon)
        #expect(String(decoding: page, as: UTF8.self).contains("TLSv1.3"))
        // The peer serves one connection after another.
        connection.close()
        #expect(try connect(peer, as: "127.0.0.1", trusting: certificate).certificate?.problem == nil)
    }

    @Test func `a certificate that is not believed says why`() throws {
        let certificates = try TestCertificates()
        let own = try certificates.selfSigned(days: 30)
        let ownPeer = try TLSPeer(certificate: own, key: certificates.key)
        #expect(try connect(ownPeer).certificate?.problem == .selfSigned)
        #expect(try connect(ownPeer, as: "example.org", trusting: own).certificate?.problem == .wrongName)
        #expect(try connect(ownPeer, as: "127.0.0.2", trusting: own).certificate?.problem == .wrongName)

        let (leaf, issuer) = try certificates.issued()
        let leafPeer = try TLSPeer(certificate: leaf, key: certificates.key)
        #expect(try connect(leafPeer).certificate?.problem == .unknownIssuer)
        #expect(try connect(leafPeer, trusting: issuer).certificate?.problem == nil)
    }

    @Test func `an expired certificate says when its time ended`() throws {
        let certificates = try TestCertificates()
        let (certificate, key) = try certificates.expired()
        let peer = try TLSPeer(certificate: certificate, key: key)
        let seen = try #require(try connect(peer, trusting: certificate).certificate)
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

    @Test func `a peer that speaks no TLS is told from one with a bad certificate`() throws {
        let peer = try ScriptedPeer("HTTP/1.1 400 Bad Request\r\n\r\n")
        let connection = try ClientConnection(to: [peer.address], timeout: .seconds(10))
        do throws(ClientError) {
            try connection.startTLS(host: "localhost", before: soon)
            Issue.record("a handshake with text")
        } catch {
            guard case .handshakeFailed(let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(reason.contains("wrong version number"))
        }
    }

    @Test func `a peer that says nothing in the handshake is waited for no longer than agreed`() throws {
        let peer = try ScriptedPeer("", keepsOpen: true)
        let connection = try ClientConnection(to: [peer.address], timeout: .seconds(10))
        let before = SystemClock.monotonic()
        #expect(throws: ClientError.timedOut(.handshake)) {
            try connection.startTLS(host: "localhost", before: before + .milliseconds(50))
        }
    }
}
