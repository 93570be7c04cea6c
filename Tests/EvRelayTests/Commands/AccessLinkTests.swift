// SPDX-License-Identifier: MIT
import ArgumentParser
import LibEvent
import Testing
import WireFormat

@testable import EvRelay

@Suite struct AccessLinkTests {
    private func link(_ credential: String? = "K", base: String = "https://cam.example.org/sub/") throws -> AccessLink {
        AccessLink(base: try PublicURL(parsing: base), credential: credential)
    }

    @Test func `pages have the credential where no server sees it`() throws {
        let link = try link()
        #expect(link.cameraPage("door") == "https://cam.example.org/sub/camera?camera=door#key=K")
        #expect(link.cameraPage(nil) == "https://cam.example.org/sub/camera#key=K")
        #expect(link.watchPage("door") == "https://cam.example.org/sub/watch/door#key=K")
        #expect(link.wall == "https://cam.example.org/sub/#key=K")
        #expect(link.raw("stream", "door") == "https://cam.example.org/sub/stream/door?key=K")
    }

    @Test func `without a credential the addresses are plain`() throws {
        let link = try link(nil, base: "http://[::1]:8080")
        #expect(link.cameraPage("door") == "http://[::1]:8080/camera?camera=door")
        #expect(link.wall == "http://[::1]:8080/")
        #expect(link.raw("upload", "door") == "http://[::1]:8080/upload/door")
    }

    @Test(
        arguments: [
            (LinkForm.page, [Right.publish, .view], ["door"], "camera?camera=door#key=K"),
            (.page, [.publish], ["shop-*", "door"], "camera#key=K"),
            (.page, [.view], ["door"], "watch/door#key=K"),
            (.page, [.view], ["door", "yard"], "#key=K"),
            (.page, [.view], ["*"], "#key=K"),
            (.page, [.observe], ["door"], "#key=K"),
            (.stream, [.view], ["door", "yard"], "stream/door?key=K"),
            (.snapshot, [.view], ["door"], "snapshot/door?key=K"),
            (.upload, [.publish], ["door"], "upload/door?key=K"),
            (.stream, [.view], ["shop-*"], nil),
            (.upload, [.publish], ["*"], nil),
        ] as [(LinkForm, Set<Right>, [String], String?)])
    func `a link leads to what its rights open`(
        _ form: LinkForm, _ rights: Set<Right>, _ cameras: [String], _ end: String?
    ) throws {
        let url = form.url(try link(), rights, try CameraPattern.list(cameras))
        #expect(url == end.map { "https://cam.example.org/sub/" + $0 })
    }

    @Test(
        arguments: [
            ([], "http://192.0.2.7:30333"),
            (["--listen", "127.0.0.1:8080"], "http://127.0.0.1:8080"),
            (["--listen", "unix:/s", "--listen", "[::1]:81"], "http://[::1]:81"),
            (["--listen", "systemd"], "http://192.0.2.7:30333"),
            (["--listen", ":0"], "http://192.0.2.7:30333"),
            (["--tls-certificate", "c", "--tls-key", "k"], "https://192.0.2.7:30443"),
            (["--tls-self-signed", "--tls-listen", ":443"], "https://192.0.2.7"),
            (["--tls-self-signed", "--tls-listen", "systemd"], "https://192.0.2.7:30443"),
        ] as [([String], String)])
    func `where nobody has said it, the first address is guessed`(_ flags: [String], _ url: String) throws {
        let typed = try EvRelayCommand.parse(flags).options.typed
        let configuration = try SettingSources(typed: typed, environment: [:]).configuration(cores: 1)
        #expect(PublicURL(guessedFrom: configuration, host: "192.0.2.7")?.description == url)
    }

    @Test func `a machine without addresses is reached by itself`() {
        #expect(PublicURL(guessedFrom: Configuration(), host: nil)?.description == "http://localhost:30333")
        #expect(PublicURL(guessedFrom: Configuration(), host: "fd00::2")?.description == "http://[fd00::2]:30333")
    }
}
