// SPDX-License-Identifier: MIT
import LibEvent
import System
import WireFormat

/// An upload that is counted and dropped, by which a client measures its upload path.
///
/// Confined to its worker's loop.
final class EchoUpload: TakenConnectionDelegate {
    /// The largest body, in bytes.
    static let maxBytes = 256 << 10

    private let call: Call
    private let byteCount: Int
    private let place: Place
    private var missing: Int

    init(_ call: Call, byteCount: Int, place: Place) {
        self.call = call
        self.place = place
        self.byteCount = byteCount
        missing = byteCount
    }

    /// Starts to read the body.
    func begin(on connection: TakenConnection) {
        connection.delegate = self
        connection.setDeadline(after: call.configuration.timeouts.body)
        connection.continueIfExpected()
        if missing == 0 { finish(connection) }
    }

    func connection(_ connection: TakenConnection, received input: InputBuffer) {
        let count = min(missing, input.count)
        input.drop(count)
        missing -= count
        if missing == 0 { finish(connection) }
    }

    func connectionDrained(_ connection: TakenConnection) {}

    func connectionDeadlinePassed(_ connection: TakenConnection) {
        EchoHandler(call: call).refuseSlowBody(on: connection)
    }

    func connectionClosed(_ connection: TakenConnection, reason: CloseReason) {}

    private func finish(_ connection: TakenConnection) {
        connection.respond(
            HTTPResponse(
                200,
                headers: call.headers + [
                    ("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store"),
                ],
                body: .bytes(
                    JSONText.object {
                        $0.member("bytes", byteCount)
                        $0.member("time_us", SystemClock.nowMicroseconds())
                    })))
    }
}
