// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

// What a request may do, and how it is told that it may not.
extension Call {
    /// This call with what it may do, if that is any of `rights`, on `camera` or, if none is named, on some camera.
    func granted(_ rights: [Right], on camera: CameraID? = nil) throws(AccessRefusal) -> Call {
        var call = self
        call.grant = try worker.access.grant(
            anyOf: rights, to: head, from: peer, forwarding, relay.failures)
        let isAllowed =
            camera.map { call.grant.allows(anyOf: rights, $0) } ?? !call.grant.rights.isDisjoint(with: rights)
        guard isAllowed else { throw AccessRefusal(.rightMissing(rights[0])) }
        return call
    }

    /// The grant for what lasts: with the credential that came although none was needed.
    var lastingGrant: Grant { worker.access.remembering(head, of: forwarding.client, in: grant) }

    /// A page elsewhere may not publish, whatever its visitor may: the key would be the visitor's.
    func refuseForeignPublishing() throws(AccessRefusal) {
        guard case .foreign(let origin) = origin else { return }
        throw AccessRefusal(
            ErrorAnswer(
                403, "origin-not-allowed",
                "Pages of \(ErrorAnswer.excerpt(origin, 100)) may not upload; --allow-origin adds an origin."))
    }

    /// A refusal in words, noted in the log now and told when its time has come.
    func refuse(_ refusal: AccessRefusal) -> Admission {
        guard refusal.delay > .zero else { return refuse(refusal.answer) }
        worker.refused(refusal.answer.reason, peer: forwarding.client, isUpload: isUpload)
        return hold(for: refusal.delay) { self.response(to: refusal.answer) }
    }

    /// Answers when `delay` has passed; at once if it is zero.
    func hold(for delay: Duration, _ response: @escaping () -> HTTPResponse) -> Admission {
        guard delay > .zero else { return answer(response()) }
        return take { connection in
            var response = response()
            response.headers.insert(contentsOf: headers, at: 0)
            worker.hold(connection, response, for: delay)
        }
    }

    /// A refusal's response, with the challenge of a 401, but without the fields of every answer.
    func response(to answer: ErrorAnswer) -> HTTPResponse { answer.response(headers: answer.challenges(head)) }
}
