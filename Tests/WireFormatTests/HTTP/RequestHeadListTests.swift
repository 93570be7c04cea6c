// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@Suite struct RequestHeadListTests {
    @Test(arguments: [
        ("a", ["a"]), ("a,b", ["a", "b"]), (" a , b ", ["a", "b"]), ("a,,b", ["a", "b"]), (",a,", ["a"]), ("", []),
        (",", []), (" \t, ,\t", []), ("a b, c", ["a b", "c"]), ("\"a,b\"", ["\"a", "b\""]),
        ("192.0.2.1, [2001:db8::1]:80", ["192.0.2.1", "[2001:db8::1]:80"]),
    ])
    func `elements stand between commas, without blanks and empty ones`(_ value: String, _ elements: [String]) throws {
        #expect(try head("GET / HTTP/1.1", "Host: a", "X-Forwarded-For: \(value)").list("x-forwarded-for") == elements)
    }

    @Test func `several fields are one list, in their order, and others are not`() throws {
        let head = try head(
            "GET / HTTP/1.1", "X-List: a, b", "Host: h", "x-list:", "X-LIST: c", "X-List2: d", "X-List: e,")
        #expect(head.list("X-List") == ["a", "b", "c", "e"])
        #expect(head.list("X-List2") == ["d"])
        #expect(head.list("X-Lis") == [])
    }

    @Test func `bytes that are not UTF-8 are replaced`() throws {
        let bytes = Array("GET / HTTP/1.0\r\nX: a".utf8) + [0xFF] + Array(",b\r\n\r\n".utf8)
        #expect(try RequestHead.parse(bytes.span, maxFields: 8).list("x") == ["a\u{FFFD}", "b"])
    }
}
