// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import TestSupport

/// Requests as text.
enum RequestText {
    /// Returns a request's head with its blank line.
    static func head(_ method: String, _ target: String, _ fields: [String] = [], version: String = "1.1") -> String {
        ([method + " " + target + " HTTP/" + version, "Host: relay.local"] + fields + ["", ""]).joined(
            separator: "\r\n")
    }

    /// Returns an upload of one frame.
    static func upload(
        _ jpeg: [UInt8], to camera: String? = nil, _ fields: [String] = [], method: String = "POST",
        version: String = "1.1"
    ) -> [UInt8] {
        let common = ["Content-Type: image/jpeg", "Content-Length: \(jpeg.count)"]
        return Array(head(method, path(camera), common + fields, version: version).utf8) + jpeg
    }

    /// Returns `/upload` or `/upload/NAME`.
    static func path(_ camera: String?) -> String { camera.map { "/upload/\($0)" } ?? "/upload" }
}

extension TestClient {
    /// Sends a request without a body, and reads its answer.
    func request(_ method: String = "GET", _ target: String, _ fields: [String] = []) throws -> TestResponse {
        try send(RequestText.head(method, target, fields))
        return try readResponse(to: method)
    }

    /// Uploads one frame and reads the answer.
    func upload(_ jpeg: [UInt8], to camera: String? = nil, _ fields: [String] = []) throws -> TestResponse {
        try send(RequestText.upload(jpeg, to: camera, fields))
        return try readResponse(to: "POST")
    }

    /// Uploads one frame that must be accepted, and returns its sequence.
    @discardableResult
    func publish(_ jpeg: [UInt8], to camera: String? = nil) throws -> Int64 {
        let answer = try upload(jpeg, to: camera)
        guard answer.status == 200, let sequence = try answer.json()["sequence"]?.int else {
            throw WaitError("a frame was refused: \(answer.status) \(answer.text)")
        }
        return sequence
    }
}

extension TestResponse {
    /// The reason in an error's body; nil unless the body repeats the status and has a sentence for people, and the
    /// answer is not to be stored.
    var reason: String? {
        guard let json = try? json(), json.names == ["status", "reason", "message"],
            json["status"]?.int == Int64(status), let message = json["message"]?.string, message.hasSuffix("."),
            field("cache-control") == "no-store"
        else { return nil }
        return json["reason"]?.string
    }
}
