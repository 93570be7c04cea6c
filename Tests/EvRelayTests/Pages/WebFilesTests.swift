// SPDX-License-Identifier: MIT
import Cameras
import FoundationEssentials
import Testing

@testable import EvRelay

/// The package's `web/` folder.
private let webFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "web").path

@Suite struct WebFilesTests {
    @Test func `the binary holds every file of web, byte for byte`() throws {
        let names = try FileManager.default.subpathsOfDirectory(atPath: webFolder).filter { name in
            var isFolder = false
            let exists = FileManager.default.fileExists(atPath: "\(webFolder)/\(name)", isDirectory: &isFolder)
            return exists && !isFolder && !name.split(separator: "/").contains { $0.hasPrefix(".") }
        }
        #expect(Set(names.map { "/" + $0 }) == Set(WebBundle.files.keys))
        let files = WebFiles(root: nil)
        for name in names {
            let onDisk = try #require(FileManager.default.contents(atPath: "\(webFolder)/\(name)"))
            #expect(files.file(at: "/" + name)?.body == Array(onDisk), "\(name)")
        }
    }

    @Test func `a folder gives the same as the binary`() {
        let (bundled, folder) = (WebFiles(root: nil), WebFiles(root: webFolder))
        for path in WebBundle.files.keys {
            #expect(bundled.file(at: path) != nil)
            #expect(folder.file(at: path) == bundled.file(at: path), "\(path)")
        }
    }

    @Test(arguments: [
        ("/", "/index.html"), ("/camera", "/camera.html"), ("/watch", "/watch.html"), ("/watch/door", "/watch.html"),
        ("/watch/a.b-c_d", "/watch.html"), ("/watch/", "/watch/"), ("/watch/a/b", "/watch/a/b"),
        ("/watcher", "/watcher"), ("/css/base.css", "/css/base.css"), ("/camera/", "/camera/"),
    ])
    func `pages have short addresses`(_ path: String, _ file: String) {
        #expect(WebFiles.filePath(path) == file)
    }

    @Test(arguments: ["/", "/camera", "/watch", "/watch/door"])
    func `each page is there as HTML`(_ path: String) throws {
        let page = try #require(WebFiles(root: nil).file(at: path))
        #expect(page.contentType == "text/html; charset=utf-8")
        #expect(!page.body.isEmpty)
    }

    @Test(arguments: [
        "", "x", "//", "/.", "/..", "/../etc/passwd", "/css/../index.html", "/.git/config", "/css/.hidden", "/css/",
        "/css//base.css", "/css\\base.css", "/a%2e", "/a\0", "/a b", "/ä", "/" + String(repeating: "a", count: 255),
    ])
    func `an unsafe path is never opened`(_ path: String) {
        #expect(!WebFiles.isSafe(path))
        #expect(WebFiles(root: webFolder).file(at: path) == nil)
        #expect(WebFiles(root: nil).file(at: path) == nil)
    }

    @Test(arguments: ["/a", "/index.html", "/a-b_c/D.9.js", "/a..b", "/" + String(repeating: "a", count: 254)])
    func `a plain path is safe`(_ path: String) {
        #expect(WebFiles.isSafe(path))
    }

    @Test func `a folder is read anew on each request`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "evrelay-web-\(UInt64.random(in: 0...(.max)))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let page = folder.appending(path: "index.html")
        let files = WebFiles(root: folder.path)
        #expect(files.file(at: "/") == nil)
        try Data("one".utf8).write(to: page)
        let first = try #require(files.file(at: "/"))
        try Data("two".utf8).write(to: page)
        let second = try #require(files.file(at: "/"))
        #expect(first.body == Array("one".utf8))
        #expect(second.body == Array("two".utf8))
        #expect(first.entityTag != second.entityTag)
        try Data(repeating: 0x20, count: WebFiles.maxFileBytes).write(to: page)
        #expect(files.file(at: "/")?.body.count == WebFiles.maxFileBytes)
        try Data(repeating: 0x20, count: WebFiles.maxFileBytes + 1).write(to: page)
        #expect(files.file(at: "/") == nil)
    }

    @Test func `a folder's name is not a file, and a missing folder has none`() {
        #expect(WebFiles(root: webFolder).file(at: "/css") == nil)
        #expect(WebFiles(root: "/nonexistent").file(at: "/") == nil)
    }

    @Test(arguments: [
        ("/a.html", "text/html; charset=utf-8"), ("/a.css", "text/css; charset=utf-8"),
        ("/a.min.js", "text/javascript; charset=utf-8"), ("/a.svg", "image/svg+xml; charset=utf-8"),
        ("/a.JSON", "application/json; charset=utf-8"), ("/m.webmanifest", "application/manifest+json; charset=utf-8"),
        ("/a.png", "image/png"), ("/a", "application/octet-stream"), ("/a.exe", "application/octet-stream"),
    ])
    func `the type follows the ending`(_ path: String, _ type: String) {
        #expect(WebFiles.contentType(path) == type)
    }

    @Test func `every embedded file has a type of its own`() {
        for path in WebBundle.files.keys {
            #expect(WebFiles.contentType(path) != "application/octet-stream", "\(path)")
        }
    }

    @Test(arguments: [("", "cbf29ce484222325"), ("a", "af63dc4c8601ec8c"), ("foobar", "85944171f73967e8")])
    func `the entity tag is the FNV-1a hash between quotes`(_ text: String, _ hash: String) {
        #expect(WebFiles.entityTag(Array(text.utf8)) == "\"\(hash)\"")
    }
}
