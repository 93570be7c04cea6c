// SPDX-License-Identifier: MIT
import System
import Testing

@testable import EvRelay
@testable import LibEvent

@Suite struct ServiceErrorTests {
    private static let inUse = SystemError("bind", subject: "[::]:30333", code: 98)

    @Test func `exit statuses follow sysexits`() {
        #expect(ServiceError.cannotListen(Self.inUse, flag: "--listen").exitStatus == 69)
        #expect(ServiceError.cannotStart(Self.inUse).exitStatus == 71)
        #expect(ServiceError.noWebRoot("/x").exitStatus == 78)
        #expect(ServiceError.noPages("/x").exitStatus == 78)
    }

    @Test func `messages name the subject and what to do`() {
        #expect(ServiceError.cannotListen(Self.inUse, flag: "--listen").message.contains("[::]:30333"))
        #expect(ServiceError.cannotListen(Self.inUse, flag: "--listen").message.hasSuffix("--listen."))
        let denied = SystemError("bind", subject: "0.0.0.0:80", code: 13)
        #expect(
            ServiceError.cannotListen(denied, flag: "--tls-listen").message.contains(
                "bind 0.0.0.0:80: Permission denied"))
        #expect(ServiceError.cannotListen(denied, flag: "--tls-listen").message.hasSuffix("--tls-listen."))
        #expect(ServiceError.noWebRoot("/x y").message == "--web-root /x y is not a folder that can be read.")
        #expect(ServiceError.noPages("/x").message.contains("no index.html"))
    }
}
