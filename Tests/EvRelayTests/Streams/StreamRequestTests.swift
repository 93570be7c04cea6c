// SPDX-License-Identifier: MIT
import Cameras
import Testing
import WireFormat

@testable import EvRelay

@Suite struct StreamRequestTests {
    private static func request(
        _ target: String = "/stream", _ fields: [String] = [], version: String = "1.1",
        boundary: StreamBoundary = .frame
    ) throws -> StreamRequest {
        try StreamRequest(head(["GET \(target) HTTP/\(version)", "Host: x"] + fields), boundary: boundary)
    }

    private static let chromiumImage = "Accept: image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
    private static let firefoxImage = "Accept: image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
    private static let safariImage =
        "Accept: image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,image/svg+xml,"
        + "image/*;q=0.8,*/*;q=0.5"
    private static let chromiumPage =
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"
    private static let safariPage = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

    @Test(arguments: [chromiumImage, firefoxImage, safariImage, "Accept: image/jpeg"])
    func `an img element of each browser gets the browser form`(_ accept: String) throws {
        for fields in [[accept], [accept, "Sec-Fetch-Dest: image", "Sec-Fetch-Mode: no-cors"]] {
            let request = try Self.request("/stream", fields)
            #expect(request.form == StreamForm(boundary: .frame, advanceHeaders: true, isChunked: true))
            #expect(!request.isNavigation)
        }
    }

    @Test(arguments: [nil, "Accept: */*", "Accept: multipart/x-mixed-replace", "Accept:", "Accept: video/*, */*"])
    func `ffmpeg, curl, VLC and scripts get the plain form`(_ accept: String?) throws {
        let request = try Self.request("/stream", accept.map { [$0] } ?? [])
        #expect(request.form == StreamForm(boundary: .frame, advanceHeaders: false, isChunked: true))
        #expect(!request.isNavigation)
    }

    @Test func `a page's own fetch is no navigation`() throws {
        let request = try Self.request("/stream", ["Accept: */*", "Sec-Fetch-Dest: empty", "Sec-Fetch-Mode: cors"])
        #expect(!request.isNavigation)
        #expect(!request.form.advanceHeaders)
    }

    private static let browser = "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

    @Test(arguments: [chromiumPage, safariPage])
    func `who opens the address itself is navigating, with and without fetch metadata`(_ accept: String) throws {
        #expect(try Self.request("/stream", [accept, Self.browser]).isNavigation)
        #expect(try Self.request("/stream", [accept, "Sec-Fetch-Dest: document"]).isNavigation)
    }

    /// Java's URLConnection got the page instead of the stream.
    @Test(arguments: [
        ["Accept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "User-Agent: Java/17"],
        ["Accept: text/html, image/gif, image/jpeg, */*; q=0.2", browser],
        [chromiumPage], [chromiumPage, "User-Agent: Python-urllib/3.11"], [chromiumPage, "User-Agent: Wget/1.21"],
        ["Accept: image/*, text/html;q=0.1,application/xhtml+xml", browser], ["Accept: text/html", browser],
        ["Accept: text/html,application/xhtml+xml", "User-Agent: Opera/9.80"],
    ])
    func `what is no browser is not sent to a page`(_ fields: [String]) throws {
        for target in ["/stream", "/stream/door"] {
            let request = try Self.request(target, fields)
            #expect(!request.isNavigation)
            #expect(!request.form.advanceHeaders)
        }
    }

    @Test func `who asks for a form, or by mjpg-streamer's address, wants the stream`() throws {
        let page = [Self.chromiumPage, Self.browser]
        for advance in ["0", "1"] {
            #expect(try !Self.request("/stream?advance_headers=\(advance)", page).isNavigation)
            #expect(
                try !Self.request("/stream?advance_headers=\(advance)", ["Sec-Fetch-Dest: document"]).isNavigation)
        }
        #expect(try !Self.request("/?action=stream", page, boundary: .boundaryDoNotCross).isNavigation)
        let document = page + ["Sec-Fetch-Dest: document"]
        #expect(try Self.request("/?action=stream", document, boundary: .boundaryDoNotCross).isNavigation)
    }

    /// In an `<iframe>` Chromium painted each frame only when the next one came.
    @Test(arguments: ["image", "iframe", "frame", "embed", "object"])
    func `whatever shows a stream inside a page gets the browser form`(_ destination: String) throws {
        for accept in [Self.chromiumPage, Self.chromiumImage, "Accept: */*"] {
            let request = try Self.request("/stream", [accept, "Sec-Fetch-Dest: \(destination)"])
            #expect(request.form.advanceHeaders)
            #expect(!request.isNavigation)
        }
    }

    /// Twenty public clients send such a field; they got parts without lengths.
    @Test(arguments: [
        "multipart/x-mixed-replace, image/jpeg", "image/jpeg, multipart/x-mixed-replace",
        "multipart/*, image/jpeg;q=0.5",
    ])
    func `who names multipart reads parts with their lengths`(_ accept: String) throws {
        #expect(try !Self.request("/stream", ["Accept: \(accept)"]).form.advanceHeaders)
    }

    @Test(arguments: ["image", "iframe", "empty", "embed", "object"])
    func `fetch metadata beats Accept`(_ destination: String) throws {
        let fields = [Self.chromiumPage, Self.browser, "Sec-Fetch-Dest: \(destination)"]
        #expect(try !Self.request("/stream", fields).isNavigation)
        #expect(try Self.request("/stream", ["Accept: */*", "Sec-Fetch-Dest: document"]).isNavigation)
    }

    @Test func `advance_headers beats Accept`() throws {
        #expect(try Self.request("/stream?advance_headers=1").form.advanceHeaders)
        #expect(try !Self.request("/stream?advance_headers=0", [Self.chromiumImage]).form.advanceHeaders)
        #expect(throws: ParameterError.self) { try Self.request("/stream?advance_headers=2") }
        #expect(throws: ParameterError.self) { try Self.request("/stream?advance_headers") }
    }

    @Test func `chunks are for HTTP 1 dot 1 and not for mjpg-streamer's addresses`() throws {
        #expect(try Self.request().form.isChunked)
        #expect(try !Self.request(version: "1.0").form.isChunked)
        let streamer = try Self.request("/?action=stream", boundary: .boundaryDoNotCross)
        #expect(streamer.form == StreamForm(boundary: .boundaryDoNotCross, advanceHeaders: false, isChunked: false))
        let image = try Self.request("/?action=stream", [Self.chromiumImage], boundary: .boundaryDoNotCross)
        #expect(image.form.advanceHeaders)
    }

    @Test(arguments: [
        ("0.01", Duration.seconds(100)), ("1000", .milliseconds(1)), ("10", .milliseconds(100)),
        ("0.5", .seconds(2)), ("29.97", .nanoseconds(33_366_700)),
    ])
    func `fps becomes the shortest time between two frames`(_ text: String, _ interval: Duration) throws {
        #expect(try Self.request("/stream?fps=\(text)").policy == DeliveryState(minimumInterval: interval))
    }

    @Test(arguments: ["0", "0.009", "1000.5", "-5", "1e1", "nan", "inf", "", "5fps"])
    func `fps beyond 0 dot 01 to 1000 is refused`(_ text: String) throws {
        let error = try #require(throws: ParameterError.self) { try Self.request("/stream?fps=\(text)") }
        #expect(error.name == "fps")
        #expect(Refusal(error).status == 400)
    }

    @Test(arguments: [1, 20, 1_000_000_000]) func `frames becomes the end of the stream`(_ count: Int) throws {
        #expect(try Self.request("/stream?frames=\(count)").policy == DeliveryState(frames: count))
    }

    @Test(arguments: ["0", "1000000001", "-1", "1.5", "", "x", "99999999999999999999"])
    func `frames beyond 1 to 1000000000 is refused`(_ text: String) throws {
        let error = try #require(throws: ParameterError.self) { try Self.request("/stream?frames=\(text)") }
        #expect(error.name == "frames")
    }

    @Test func `without parameters everything is sent for ever, and unknown ones are ignored`() throws {
        #expect(try Self.request().policy == DeliveryState())
        #expect(try Self.request("/stream?t=123&FPS=0&Frames=x").policy == DeliveryState())
        let both = try Self.request("/stream?frames=3&fps=5&advance_headers=1")
        #expect(both.policy == DeliveryState(minimumInterval: .milliseconds(200), frames: 3))
    }

    @Test func `the head of a stream keeps every cache and buffer off it`() throws {
        func text(_ request: StreamRequest) -> [String] { request.headers.map { "\($0.name): \($0.value)" } }
        let common = [
            "Cache-Control: no-store, no-cache, must-revalidate, max-age=0, no-transform", "Pragma: no-cache",
            "X-Accel-Buffering: no",
        ]
        #expect(
            text(try Self.request())
                == ["Content-Type: multipart/x-mixed-replace; boundary=frame"] + common + ["Transfer-Encoding: chunked"]
        )
        #expect(
            text(try Self.request(version: "1.0"))
                == ["Content-Type: multipart/x-mixed-replace; boundary=frame"] + common)
        #expect(
            text(try Self.request(boundary: .boundaryDoNotCross))
                == ["Content-Type: multipart/x-mixed-replace;boundary=boundarydonotcross"] + common)
    }
}
