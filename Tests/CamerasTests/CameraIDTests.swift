// SPDX-License-Identifier: MIT
import TestSupport
import Testing

@testable import Cameras

@Suite struct CameraIDTests {
    @Test(arguments: [1, 2, 63, 64]) func `a name of 1 to 64 bytes is taken`(_ count: Int) {
        let name = String(repeating: "x", count: count)
        #expect(CameraID(name)?.description == name)
    }

    @Test(arguments: [0, 65, 66, 1000]) func `a name of another length is refused`(_ count: Int) {
        #expect(CameraID(String(repeating: "x", count: count)) == nil)
    }

    @Test func `of all bytes exactly letters, digits, dot, underscore and hyphen are allowed`() {
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".utf8)
        for byte in UInt8(0)...127 {
            let text = "a" + String(decoding: [byte], as: UTF8.self)
            #expect((CameraID(text) != nil) == allowed.contains(byte), "byte \(byte)")
        }
    }

    @Test(arguments: ["é", "дверь", "door\u{301}", "ａ", "\u{200B}", "a/b", "a b", "a%20b", "a\u{0}"])
    func `a name with anything else is refused`(_ name: String) {
        #expect(CameraID(name) == nil)
    }

    @Test(arguments: [".", "..", ".hidden", ".jpg"]) func `a leading dot is refused`(_ name: String) {
        #expect(CameraID(name) == nil)
    }

    @Test(arguments: ["a.", "a..b", "-", "_", "-x", "0", "default", "a.jpg"])
    func `dots behind the first byte and other signs anywhere are taken`(_ name: String) {
        #expect(CameraID(name)?.description == name)
    }

    @Test func `names differ by case and sort by their bytes`() throws {
        let names = try ["b", "a", "B", "a-", "10", "2"].map(camera)
        #expect(names.sorted().map(\.description) == ["10", "2", "B", "a", "a-", "b"])
        #expect(try camera("Door") != camera("door"))
    }

    @Test func `the camera of a URL without a name is a valid one`() throws {
        #expect(try CameraID.default == camera("default"))
    }
}
