// SPDX-License-Identifier: MIT
import Cameras
import Testing

@testable import EvRelay

@Suite struct CameraReferenceTests {
    private static let endings = [".jpg", ".jpeg"]

    private static func meant(_ name: String, among there: [String]) -> String? {
        CameraReference(name, endings: endings)?.resolve { there.contains($0.description) }.description
    }

    /// `curl -T f1.jpg …/upload/` sends to the camera f1.jpg; its snapshot was that of f1.
    @Test(arguments: [
        ("f1.jpg", ["f1.jpg"], "f1.jpg"), ("f1.jpg", ["f1"], "f1"), ("f1.jpg", ["f1", "f1.jpg"], "f1.jpg"),
        ("f1.jpg", [], "f1"), ("f1.JPG", ["f1"], "f1"), ("f1.JPG", ["f1.JPG"], "f1.JPG"), ("f1.jpeg", [], "f1"),
        ("f1.jpg.jpg", ["f1"], "f1.jpg"), ("f1.png", ["f1"], "f1.png"), ("f1", ["f1.jpg"], "f1"),
        ("f1.mjpg", ["f1"], "f1.mjpg"),
    ])
    func `the camera of that very name comes first, then the one without the ending`(
        _ name: String, _ there: [String], _ meant: String
    ) {
        #expect(Self.meant(name, among: there) == meant)
    }

    @Test func `a name may be too long or wrong with its ending, or without`() {
        let long = String(repeating: "x", count: 64)
        #expect(Self.meant(long + ".jpg", among: []) == long)
        #expect(Self.meant(long + "x.jpg", among: []) == nil)
        #expect(Self.meant(".jpg", among: []) == nil)
        #expect(Self.meant("", among: []) == nil)
        #expect(Self.meant("a/b.jpg", among: []) == nil)
    }
}
