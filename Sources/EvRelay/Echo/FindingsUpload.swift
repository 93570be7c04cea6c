// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// An upload of a page's measurements, which is answered with findings.
///
/// Confined to its worker's loop.
final class FindingsUpload: TakenConnectionDelegate {
    private let call: Call
    private let byteCount: Int
    private let language: DoctorLanguage
    private let place: Place
    private var body: [UInt8] = []

    /// - Parameter byteCount: the announced length, at most `DoctorMeasurements.maxJSONBytes`.
    init(_ call: Call, byteCount: Int, in language: DoctorLanguage, place: Place) {
        self.call = call
        self.byteCount = byteCount
        self.language = language
        self.place = place
        body.reserveCapacity(byteCount)
    }

    /// Starts to read the body.
    func begin(on connection: TakenConnection) {
        connection.delegate = self
        connection.setDeadline(after: call.configuration.timeouts.body)
        connection.continueIfExpected()
        if byteCount == 0 { finish(connection) }
    }

    func connection(_ connection: TakenConnection, received input: InputBuffer) {
        while body.count < byteCount, input.count > 0 {
            let taken = input.withFront { front in
                let piece = front.extracting(first: min(byteCount - body.count, front.count))
                for index in piece.indices { body.append(piece[index]) }
                return piece.count
            }
            input.drop(taken)
        }
        if body.count == byteCount { finish(connection) }
    }

    func connectionDrained(_ connection: TakenConnection) {}

    func connectionDeadlinePassed(_ connection: TakenConnection) {
        EchoHandler(call: call).refuseSlowBody(on: connection)
    }

    func connectionClosed(_ connection: TakenConnection, reason: CloseReason) {}

    private func finish(_ connection: TakenConnection) {
        do throws(MeasurementsError) {
            let measurements = try DoctorMeasurements(page: body.span)
            var response = call.jsonResponse(DoctorAnswer(to: measurements, in: language).json())
            response.headers.insert(contentsOf: call.headers, at: 0)
            connection.respond(response)
        } catch {
            let refusal = Refusal(error)
            call.worker.refused(refusal.reason, peer: call.forwarding.client, isUpload: false)
            connection.respond(refusal.response(headers: call.headers))
        }
    }
}
