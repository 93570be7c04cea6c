// SPDX-License-Identifier: MIT
import TestSupport
import Testing

@testable import EvRelay

@Suite struct PageTests {
    @Test(arguments: [
        ("/", "text/html; charset=utf-8"), ("/camera", "text/html; charset=utf-8"),
        ("/watch/door", "text/html; charset=utf-8"), ("/favicon.svg", "image/svg+xml; charset=utf-8"),
        ("/css/base.css", "text/css; charset=utf-8"), ("/js/wall.js", "text/javascript; charset=utf-8"),
        ("/locales/ru.js", "text/javascript; charset=utf-8"), ("/icons/icons.svg", "image/svg+xml; charset=utf-8"),
    ])
    func `pages and their files come with what keeps them safe`(target: String, type: String) throws {
        try withRelay { relay in
            let client = try relay.connect()
            let answer = try client.request("GET", target)
            #expect(answer.status == 200)
            #expect(answer.field("content-type") == type)
            #expect(answer.field("cache-control") == "no-cache")
            #expect(!answer.body.isEmpty)

            let tag = try #require(answer.field("etag"))
            let again = try client.request("GET", target, ["If-None-Match: \(tag)"])
            #expect(again.status == 304)
            #expect(again.field("etag") == tag)
            #expect(try client.request("GET", target, ["If-None-Match: \"other\""]).body == answer.body)
            let head = try client.request("HEAD", target)
            #expect(head.field("content-length") == "\(answer.body.count)")
        }
    }

    @Test func `watch leads to the page of the default camera`() throws {
        try withRelay { relay in
            let answer = try relay.request("GET", "/watch")
            #expect(answer.status == 308)
            #expect(answer.field("location") == "watch/default")
        }
    }

    @Test func `pages ask for nothing outside their own folder`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            for target in ["/", "/camera", "/watch/door"] {
                let page = try client.request("GET", target).text
                for attribute in ["src=\"", "href=\""] {
                    for piece in page.components(behind: attribute) {
                        #expect(!piece.hasPrefix("/") && !piece.hasPrefix("http"), "\(target): \(piece.prefix(40))")
                    }
                }
            }
        }
    }
}

extension String {
    /// Returns the text after each occurrence of `mark`.
    fileprivate func components(behind mark: String) -> [Substring] {
        var found: [Substring] = []
        var rest = self[...]
        while let place = rest.firstRange(of: mark) {
            rest = rest[place.upperBound...]
            found.append(rest)
        }
        return found
    }
}
