// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@Suite struct MediaTypeTests {
    @Test func `types are lower-cased, parameter values are kept`() throws {
        let type = try #require(MediaType("Multipart/X-Mixed-Replace; Boundary=Frame;charset=\"utf-8\""))
        #expect(type.type == "multipart")
        #expect(type.subtype == "x-mixed-replace")
        #expect(type.essence == "multipart/x-mixed-replace")
        #expect(type["boundary"] == "Frame")
        #expect(type["charset"] == "utf-8")
        #expect(type["x"] == nil)
        #expect(type.parameters.count == 2)
    }

    @Test(arguments: [
        ("image/jpeg", "image/jpeg"), (" image/jpeg\t", "image/jpeg"), ("image/jpeg;", "image/jpeg"),
        ("IMAGE/JPG ; q=1", "image/jpg"), ("a/b;c=\"\"", "a/b"), ("application/vnd.a+b-c", "application/vnd.a+b-c"),
    ])
    func `these are media types`(text: String, essence: String) {
        #expect(MediaType(text)?.essence == essence)
    }

    @Test func `quoted strings may hold what tokens may not`() {
        #expect(MediaType("a/b; c=\"d; e=\\\"f\\\" \\\\\"")?["c"] == "d; e=\"f\" \\")
        #expect(MediaType("a/b; boundary=\"--my boundary\"; d=e")?["boundary"] == "--my boundary")
    }

    @Test(arguments: [
        "", "image", "image/", "/jpeg", "image /jpeg", "image/ jpeg", "image/jpeg, text/html", "image/jpeg x", "a/b;c",
        "a/b;c=", "a/b;=c", "a/b;c=\"d", "a/b;c=\"d\\", "a/b;c=\"\u{1}\"", "a/b;c=\"\\\u{1}\"", "a/b;c=d;c=e",
        "a/b;c=d;C=e",
        "a/b;c =d", "a/b;c= d", "a/b;c=d e", "a/b;;c=d", "a/b/c", "é/b", "a/b;c=é",
    ])
    func `these are not`(text: String) {
        #expect(MediaType(text) == nil)
    }

    @Test func `sixteen parameters and no more`() {
        let parameters = { (count: Int) in (0..<count).map { ";p\($0)=1" }.joined() }
        #expect(MediaType("a/b" + parameters(16))?.parameters.count == 16)
        #expect(MediaType("a/b" + parameters(17)) == nil)
    }
}

@Suite struct AcceptHeaderTests {
    @Test(arguments: [
        "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", "image/png,image/*;q=0.8,*/*;q=0.5",
        "IMAGE/JPEG", "*/* , image/jpeg;q=0.1",
    ])
    func `an img asks for an image type and no page`(accept: String) {
        #expect(AcceptHeader.prefersImage(accept))
        #expect(!AcceptHeader.acceptsHTML(accept))
    }

    @Test(arguments: [
        "*/*", "", "text/plain", "multipart/x-mixed-replace", "imagery/jpeg", "a/image/", "image", "image/",
    ])
    func `players and scripts ask for neither`(accept: String) {
        #expect(!AcceptHeader.prefersImage(accept))
        #expect(!AcceptHeader.acceptsHTML(accept))
    }

    @Test(arguments: [
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", "Text/HTML;level=1",
    ])
    func `somebody who opens the address asks for a page`(accept: String) {
        #expect(!AcceptHeader.prefersImage(accept))
        #expect(AcceptHeader.acceptsHTML(accept))
    }

    @Test func `no header asks for neither`() {
        #expect(!AcceptHeader.prefersImage(nil))
        #expect(!AcceptHeader.acceptsHTML(nil))
    }
}
