// SPDX-License-Identifier: MIT
import ArgumentParser
import LibEvent
import Logging
import Testing
import WireFormat

@testable import EvRelay

@Suite struct SelfSignedTests {
    private let state = TemporaryState()
    private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func completed(_ arguments: String...) throws -> Configuration {
        let typed = try EvRelayCommand.parse(["--tls-self-signed"] + arguments).options.typed
        var configuration = try SettingSources(typed: typed, environment: [:]).configuration(cores: 1)
        try SelfSigned.complete(&configuration, state.environment)
        return configuration
    }

    @Test func `it names a pair, and a secret for links`() throws {
        let configuration = try completed()
        #expect(configuration.tls.certificates == ["\(state.path)/tls-certificate.pem"])
        #expect(configuration.tls.keys == ["\(state.path)/tls-key.pem"])
        #expect(configuration.access.tokenSecretPath == "\(state.path)/token-secret")
        #expect(configuration.tls.addresses == [.internet(.everyAddress, port: 30443)])
    }

    @Test(arguments: [["--keys", "/k"], ["--open-publishing"]])
    func `there is no secret of its own where somebody has said who may publish`(_ flags: [String]) throws {
        let typed = try EvRelayCommand.parse(["--tls-self-signed"] + flags).options.typed
        var configuration = try SettingSources(typed: typed, environment: [:]).configuration(cores: 1)
        try SelfSigned.complete(&configuration, state.environment)
        #expect(configuration.access.tokenSecretPath == nil)
        #expect(!configuration.tls.certificates.isEmpty)
    }

    @Test func `a secret that was named stays`() throws {
        #expect(try completed("--token-secret", "/s").access.tokenSecretPath == "/s")
    }

    @Test func `nothing changes where it is not asked for`() throws {
        var configuration = Configuration()
        try SelfSigned.complete(&configuration, [:])
        #expect(configuration == Configuration())
        try SelfSigned.makeFiles(configuration, state.environment, log: log)
        #expect(state.names == [])
    }

    @Test func `another certificate beside it is a conflict`() {
        let error = #expect(throws: ConfigurationError.self) {
            try completed("--tls-certificate", "/c", "--tls-key", "/k")
        }
        #expect(error?.exitStatus == 64)
    }

    @Test func `without a folder it ends and says how to name one`() throws {
        var configuration = Configuration()
        configuration.tls.isSelfSigned = true
        let error = #expect(throws: ConfigurationError.self) { try SelfSigned.complete(&configuration, [:]) }
        #expect(error?.exitStatus == 78)
        #expect(error?.message.contains("StateDirectory=evrelay") == true)
    }

    @Test func `its files are made once`() throws {
        let configuration = try completed()
        try SelfSigned.makeFiles(configuration, state.environment, log: log)
        #expect(state.names == ["tls-certificate.pem", "tls-key.pem", "token-secret"])
        let before = try state.names.map(state.read)
        _ = try TokenSecret(state.read("token-secret"), path: "token-secret")
        try SelfSigned.makeFiles(configuration, state.environment, log: log)
        #expect(try state.names.map(state.read) == before)
    }

    @Test func `a check asks for no file that a start would make`() throws {
        let configuration = try completed("--private")
        let checked = SelfSigned.withoutUnmade(configuration, state.environment)
        #expect(checked.tls.certificates == [] && checked.tls.keys == [])
        #expect(checked.access.tokenSecretPath == nil && !checked.access.isPrivate)
        try SelfSigned.makeFiles(configuration, state.environment, log: log)
        #expect(SelfSigned.withoutUnmade(configuration, state.environment) == configuration)
    }

    @Test(
        arguments: [
            (["STATE_DIRECTORY": "/var/lib/evrelay", "HOME": "/h"], "/var/lib/evrelay"),
            (["STATE_DIRECTORY": "/var/lib/evrelay:/var/lib/other"], "/var/lib/evrelay"),
            (["XDG_STATE_HOME": "/x", "HOME": "/h"], "/x/evrelay"),
            (["XDG_STATE_HOME": "relative", "HOME": "/h"], "/h/.local/state/evrelay"),
            (["STATE_DIRECTORY": "", "HOME": "/h"], "/h/.local/state/evrelay"),
            (["HOME": ""], nil), ([:], nil),
        ] as [([String: String], String?)])
    func `the folder is systemd's, else the user's`(_ environment: [String: String], _ folder: String?) {
        #expect(StateFolder.path(environment) == folder)
    }
}
