// SPDX-License-Identifier: MIT
import WireFormat

// The gate's own work: it collects a request head, has it checked, and asks the handler what becomes of the request.
extension GateConnection {
    /// Requests answered before other connections have their turn; fewer if that takes long.
    private static let maxRequestsPerTurn = 16
    /// The time in which the request of a connection that is refused should begin to come, behind a TLS handshake too.
    private static let refusalPause = Duration.milliseconds(500)

    /// Reads request heads as long as there are any and nobody else has the connection.
    ///
    /// A loop and no recursion: requests that are answered at once come back here through `resume`, and a peer may send
    /// hundreds in one go.
    func readHeads() {
        guard !isReadingHeads else { return }
        isReadingHeads = true
        var count = 0
        var isTurnOver = false
        while case .awaitingHead = state, !isTurnOver, readHead(input) {
            count += 1
            isTurnOver = count == Self.maxRequestsPerTurn || gate.isTurnLong
        }
        isReadingHeads = false
        guard case .awaitingHead = state else { return }
        if isTurnOver, input.count > 0 { return postpone() }
        if hasPeerEnded { close(.byPeer) }
    }

    /// Reads one head and decides about it; false if it is not whole yet, or is refused.
    private func readHead(_ input: InputBuffer) -> Bool {
        guard input.count > 0 else { return false }
        if !hasBegunHead {
            hasBegunHead = true
            // The first head's time runs since accept.
            if isKept {
                requestBegan = SystemClock.monotonic()
                deadline = requestBegan + gate.limits.headerTimeout
            }
        }
        do throws(RequestHeadError) {
            guard let length = try scan(input) else { return false }
            let head = try input.withFront(atLeast: length) { (front) throws(RequestHeadError) -> RequestHead in
                try RequestHead.parse(front.extracting(first: length), maxFields: gate.limits.maxHeaderFields)
            }
            self.head = head
            decide(head, length, input)
            return true
        } catch {
            refuse(
                .badHead(status: error.status, reason: error.reason), status: error.status, reason: error.reason,
                message: error.message)
            return false
        }
    }

    /// The head's length once it is whole.
    private func scan(_ input: InputBuffer) throws(RequestHeadError) -> Int? {
        while true {
            // All that has arrived, as one piece: the scanner remembers how far it has looked.
            let bytes = min(input.count, gate.limits.maxHeaderBytes + 4)
            let result = try input.withFront(atLeast: bytes) { (front) throws(RequestHeadError) in
                try scanner.scan(front)
            }
            switch result {
            case .incomplete: return nil
            case .complete(let length): return length
            case .skip(let count): input.drop(count)
            }
        }
    }

    private func decide(_ head: RequestHead, _ length: Int, _ input: InputBuffer) {
        guard let handler = gate.handler else { return close(.byServer) }
        if let refusal = BodyFraming.refusal(of: head) { return refuse(refusal) }
        switch handler.admit(head, from: peer, isEncrypted: tls != nil) {
        case .answer(let response):
            input.drop(length)
            // What follows would have to be read as a body.
            if head.hasBody { return answerAndClose(response) }
            answer(response, isKept: head.isKeepAlive)
        case .answerAndClose(let response): answerAndClose(response)
        case .take(let start):
            input.drop(length)
            deadline = .distantFuture
            let connection = TakenConnection(self, head)
            state = .taken(connection)
            start(connection)
            if case .taken = state, input.count > 0 { connection.received(input) }
        }
    }

    private func refuse(_ refusal: BodyFraming.Refusal) {
        refuse(
            .badHead(status: refusal.status, reason: refusal.reason), status: refusal.status, reason: refusal.reason,
            message: refusal.message)
    }

    func refuse(_ refusal: GateRefusal, status: Int, reason: String, message: String) {
        gate.handler?.gateRefused(refusal, peer: peer)
        guard let response = gate.handler?.errorResponse(status: status, reason: reason, message: message) else {
            return close(.byServer)
        }
        answerAndClose(response)
    }

    /// Refuses a connection that there is no room for. Its peer is told when the request begins to come, or has not come
    /// for a moment: a client that has asked for nothing takes an answer for a fault (Go's, and so Caddy, says 502).
    func turnAway(_ refusal: GateRefusal, status: Int, reason: String, message: String) {
        gate.handler?.gateRefused(refusal, peer: peer)
        // Only a few are told at a time, so that refusing costs less than serving.
        guard gate.rejectedCount < Gate.maxRejected,
            let response = gate.handler?.errorResponse(status: status, reason: reason, message: message)
        else { return close(.byServer) }
        isRejectionCounted = true
        gate.rejectedCount += 1
        state = .refusing(response)
        deadline = SystemClock.monotonic() + Self.refusalPause
    }
}
