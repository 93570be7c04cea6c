// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

extension Refusal {
    /// Returns the response; `headers` come before its own fields.
    func response(headers: [(name: String, value: String)]) -> HTTPResponse {
        var headers = headers
        headers.append(("Content-Type", "application/json; charset=utf-8"))
        headers.append(("Cache-Control", "no-store"))
        if let retryAfterSeconds { headers.append(("Retry-After", "\(retryAfterSeconds)")) }
        return HTTPResponse(
            status, headers: headers,
            body: .bytes(
                JSONText.object {
                    $0.member("status", status)
                    $0.member("reason", reason.rawValue)
                    $0.member("message", message)
                }))
    }

    /// Returns the WWW-Authenticate fields of a 401 (RFC 9110 section 11.6.1); none for other answers.
    ///
    /// Basic makes a browser open its password dialog, even over a page whose script has sent the request and would ask
    /// in its own words. Such requests are offered Bearer alone.
    func challenges(_ head: RequestHead) -> [(name: String, value: String)] {
        guard status == 401 else { return [] }
        let bearer = (name: "WWW-Authenticate", value: "Bearer realm=\"EvRelay\"")
        guard !head.has("x-requested-with"), head.field("sec-fetch-dest") != "empty" else { return [bearer] }
        return [(name: "WWW-Authenticate", value: "Basic realm=\"EvRelay\", charset=\"UTF-8\""), bearer]
    }
}
