// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@testable import EvRelay

@Suite struct UploadKindTests {
    private static func kind(_ fields: String...) throws -> UploadKind {
        UploadKind(try head(["POST /upload HTTP/1.1", "Host: x"] + fields))
    }

    @Test(arguments: [
        "image/jpeg", "image/jpg", "IMAGE/JPEG", "image/jpeg; charset=utf-8", "image/jpeg;q=1", " image/jpeg ",
    ])
    func `a JPEG is one frame, whatever its parameters`(_ type: String) throws {
        #expect(try Self.kind("Content-Type: \(type)", "Content-Length: 5") == .frame)
        #expect(try Self.kind("Content-Type: \(type)", "Transfer-Encoding: chunked") == .frame)
        #expect(try Self.kind("Content-Type: \(type)") == .frame)
    }

    @Test func `a multipart body is a stream with its boundary`() throws {
        let type = "Content-Type: multipart/x-mixed-replace"
        #expect(try Self.kind("\(type); boundary=ffmpeg") == .stream(boundary: "ffmpeg"))
        #expect(try Self.kind("\(type);boundary=\"a b\"", "Content-Length: 5") == .stream(boundary: "a b"))
        #expect(try Self.kind("\(type); BOUNDARY=--x", "Transfer-Encoding: chunked") == .stream(boundary: "--x"))
        #expect(try Self.kind("Content-Type: Multipart/X-Mixed-Replace") == .stream(boundary: nil))
    }

    @Test func `a body without a type is a stream if it has chunks or no length, as ffmpeg sends it`() throws {
        #expect(try Self.kind("Transfer-Encoding: chunked") == .stream(boundary: nil))
        #expect(try Self.kind() == .stream(boundary: nil))
        #expect(try Self.kind("Content-Length: 5000") == .unsupported("(none)"))
        #expect(try Self.kind("Content-Length: 0") == .unsupported("(none)"))
    }

    /// GStreamer's souphttpclientsink sends each picture by PUT, without a type. A page on a foreign site cannot do
    /// that without a preflight.
    @Test func `a body without a type that is put is one frame if it has a length`() throws {
        func kind(_ fields: String...) throws -> UploadKind {
            UploadKind(try head(["PUT /upload HTTP/1.1", "Host: x"] + fields))
        }
        #expect(try kind("Content-Length: 5000") == .frame)
        #expect(try kind("Transfer-Encoding: chunked") == .stream(boundary: nil))
        #expect(try kind() == .stream(boundary: nil))
        #expect(try kind("Content-Type: text/plain", "Content-Length: 5") == .unsupported("text/plain"))
    }

    @Test(arguments: [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "image/png", "image/*",
        "image/pjpeg", "application/octet-stream", "image/jpegx", "multipart/mixed; boundary=x",
    ])
    func `another type is refused by its name`(_ type: String) throws {
        let essence = String(type.prefix { $0 != ";" })
        #expect(try Self.kind("Content-Type: \(type)", "Content-Length: 5") == .unsupported(essence))
        #expect(try Self.kind("Content-Type: \(type)", "Transfer-Encoding: chunked") == .unsupported(essence))
    }

    @Test(arguments: [
        "", "jpeg", "image/", "/jpeg", "image/jpeg image/jpeg", "image /jpeg", "image/jpeg,text/plain",
    ])
    func `what is no type is refused as it stands`(_ type: String) throws {
        #expect(try Self.kind("Content-Type: \(type)", "Content-Length: 5") == .unsupported(type))
    }

    @Test func `a long type is cut`() throws {
        let long = String(repeating: "x", count: 5000)
        #expect(try Self.kind("Content-Type: \(long)") == .unsupported(String(long.prefix(80))))
        #expect(try Self.kind("Content-Type: a/\(long)") == .unsupported("a/" + String(long.prefix(78))))
    }
}
