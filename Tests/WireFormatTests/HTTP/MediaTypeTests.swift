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
    @Test func `a type is named whatever its case, its parameters and its place`() {
        for accept in ["image/jpeg", "IMAGE/JPEG;q=0.1", "*/* , image/jpeg", "a/b,\timage/jpeg ;q=1"] {
            #expect(AcceptHeader(accept).names("image/jpeg"), "\(accept)")
            #expect(AcceptHeader(accept).namesAny(of: "image"), "\(accept)")
        }
        for accept in ["", "image/*", "image/jpegx", "ximage/jpeg", "image", "image/", ","] {
            #expect(!AcceptHeader(accept).names("image/jpeg"), "\(accept)")
        }
        #expect(AcceptHeader("image/*").namesAny(of: "image"))
        for accept in ["", "imagery/jpeg", "a/image/", "image", "image/"] {
            #expect(!AcceptHeader(accept).namesAny(of: "image"), "\(accept)")
        }
    }

    @Test func `the first type is what it begins with`() {
        #expect(AcceptHeader("text/html,application/xhtml+xml").begins(with: "text/html"))
        #expect(AcceptHeader(" Text/HTML;level=1 , */*").begins(with: "text/html"))
        #expect(!AcceptHeader("*/*,text/html").begins(with: "text/html"))
        #expect(!AcceptHeader("").begins(with: "text/html"))
    }

    @Test func `no header names nothing`() {
        #expect(!AcceptHeader(nil).names("text/html"))
        #expect(!AcceptHeader(nil).namesAny(of: "image"))
        #expect(!AcceptHeader(nil).begins(with: "text/html"))
    }
}
