// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import WireFormat

// The rights of a request, and the answers that refuse it.
extension Call {
    /// Returns this call with its grant, if that has any of `rights` on `camera` or, if none is named, on some camera.
    /// - Throws: the refusal otherwise.
    func granted(_ rights: [Right], on camera: CameraID? = nil) throws(AccessRefusal) -> Call {
        var call = self
        call.grant = try worker.access.grant(
            anyOf: rights, to: head, from: peer, forwarding, relay.failures)
        let isAllowed =
            camera.map { call.grant.allows(anyOf: rights, $0) } ?? !call.grant.rights.isDisjoint(with: rights)
        guard isAllowed else { throw AccessRefusal(.rightMissing(rights[0])) }
        return call
    }

    /// The grant of a long-lived task, with a credential that was sent although none was needed.
    var lastingGrant: Grant { worker.access.remembering(head, of: forwarding.client, in: grant) }

    /// Throws for a page of a foreign origin, whatever rights its visitor has: the key would be the visitor's.
    func refuseForeignPublishing() throws(AccessRefusal) {
        guard case .foreign(let origin) = origin else { return }
        throw AccessRefusal(.foreignOrigin(origin, mayNot: "upload; --allow-origin adds an origin"))
    }

    /// Refuses the request. The refusal is logged now, and sent after its delay.
    func refuse(_ refusal: AccessRefusal) -> Admission {
        guard refusal.delay > .zero else { return refuse(refusal.refusal) }
        worker.refused(refusal.refusal.reason, peer: forwarding.client, isUpload: isUpload)
        return hold(for: refusal.delay) { self.response(to: refusal.refusal) }
    }

    /// Sends the answer after `delay`, or at once if that is zero.
    func hold(for delay: Duration, _ response: @escaping () -> HTTPResponse) -> Admission {
        guard delay > .zero else { return answer(response()) }
        return take { connection in
            var response = response()
            response.headers.insert(contentsOf: headers, at: 0)
            let answer = DelayedAnswer(connection, response, on: worker)
            worker.add(answer)
            answer.begin(delay: delay)
        }
    }

    /// Returns the response of a refusal, with the challenge of a 401, but without the fields of every answer.
    func response(to refusal: Refusal) -> HTTPResponse { refusal.response(headers: refusal.challenges(head)) }
}
