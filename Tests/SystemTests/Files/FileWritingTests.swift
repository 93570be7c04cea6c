// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import System
import Testing
import TestSupport

@Suite struct FileWritingTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func mode(_ path: String) throws -> mode_t {
        var status = stat()
        try #require(unsafe lstat(path, &status) == 0)
        return status.st_mode & 0o7777
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try FileContents.read(path: path, maxBytes: 1 << 20), as: UTF8.self)
    }

    @Test(arguments: [0o600, 0o644, 0o640]) func `a file has its mode whatever the mask is`(_ wanted: UInt32) throws {
        let path = folder.file("new")
        try FileWriting.replace(path, with: Array("one".utf8), mode: wanted)
        #expect(try mode(path) == wanted)
        #expect(try text(path) == "one")
    }

    @Test func `a file takes another's place, and nothing is left beside it`() throws {
        let path = try folder.write(Array("old and long".utf8), to: "file", mode: 0o644)
        try FileWriting.replace(path, with: Array("new".utf8), mode: 0o600)
        #expect(try text(path) == "new")
        #expect(try mode(path) == 0o600)
        #expect(try entries() == ["file"])
    }

    @Test func `a link is replaced, not what it leads to`() throws {
        let target = try folder.write(Array("theirs".utf8), to: "target")
        let link = folder.file("link")
        try #require(unsafe symlink(target, link) == 0)
        try FileWriting.replace(link, with: Array("ours".utf8), mode: 0o600)
        #expect(try text(target) == "theirs")
        #expect(try text(link) == "ours")
    }

    @Test func `a file that is there is not made again`() throws {
        let path = try folder.write(Array("old".utf8), to: "file")
        #expect(throws: SystemError("link", subject: path, code: EEXIST)) {
            try FileWriting.create(path, Array("new".utf8), mode: 0o600)
        }
        #expect(try text(path) == "old")
        #expect(try entries() == ["file"])
        let fresh = folder.file("fresh")
        try FileWriting.create(fresh, Array("new".utf8), mode: 0o600)
        #expect(try text(fresh) == "new")
        #expect(try mode(fresh) == 0o600)
    }

    @Test func `what cannot be written is an error with its path`() {
        let path = folder.path + "/nowhere/file"
        #expect(throws: SystemError("open", subject: path, code: ENOENT)) {
            try FileWriting.replace(path, with: [1], mode: 0o600)
        }
        #expect(throws: SystemError("rename", subject: folder.path, code: EISDIR)) {
            try FileWriting.replace(folder.path, with: [1], mode: 0o600)
        }
    }

    @Test(arguments: [
        ("", "new\n"), ("old\n", "old\nnew\n"), ("old", "old\nnew\n"), ("\n", "\nnew\n"),
    ])
    func `a line is added as a line of its own`(_ before: String, _ after: String) throws {
        let path = try folder.write(Array(before.utf8), to: "lines", mode: 0o604)
        try FileWriting.append(line: "new", to: path, mode: 0o640)
        #expect(try text(path) == after)
        #expect(try mode(path) == 0o604)
    }

    @Test func `a line can be the first of a new file`() throws {
        let path = folder.file("lines")
        try FileWriting.append(line: "new", to: path, mode: 0o640)
        #expect(try text(path) == "new\n")
        let made = try mode(path)
        #expect(made & 0o640 == made)
    }

    @Test func `a line is added to files only`() throws {
        let pipe = folder.file("pipe")
        try #require(unsafe mkfifo(pipe, 0o600) == 0)
        #expect(throws: SystemError.self) { try FileWriting.append(line: "new", to: pipe, mode: 0o600) }
        #expect(throws: SystemError.self) { try FileWriting.append(line: "new", to: folder.path, mode: 0o600) }
    }

    @Test func `a disk that is full gets no half line`() {
        #expect(throws: SystemError.self) { try FileWriting.append(line: "new", to: "/dev/full", mode: 0o600) }
    }

    @Test func `folders are made for this user alone, with those above them`() throws {
        let inner = folder.path + "/one/two"
        try FileWriting.makeFolder(inner + "/")
        #expect(try mode(inner) == 0o700)
        #expect(try mode(folder.path + "/one") == 0o700)
        try FileWriting.makeFolder(inner)
        let file = try folder.write([], to: "file")
        #expect(throws: SystemError("mkdir", subject: file, code: EEXIST)) { try FileWriting.makeFolder(file) }
        #expect(throws: SystemError.self) { try FileWriting.makeFolder(file + "/below") }
        _ = unsafe rmdir(inner)
        _ = unsafe rmdir(folder.path + "/one")
    }

    @Test func `a link that leads nowhere is there`() throws {
        let link = folder.file("link")
        #expect(!FileWriting.isThere(link))
        try #require(unsafe symlink("/nowhere/at/all", link) == 0)
        #expect(FileWriting.isThere(link))
    }

    private func entries() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }
}
