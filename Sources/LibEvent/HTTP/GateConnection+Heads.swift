// SPDX-License-Identifier: MIT
import System
import WireFormat

// The gate's own work: it collects a request head, checks it, and asks the handler what to do with the request.
extension GateConnection {
    /// The most requests answered before other connections have their turn; fewer if that takes long.
    private static let maxRequestsPerTurn = 16
    /// The time in which the request of a refused connection should begin to arrive, a TLS handshake included.
    private static let refusalPause = Duration.milliseconds(500)

    /// Reads request heads while there are any and the gate owns the connection.
    ///
    /// A loop, not a recursion: requests that are answered at once return here through `resume`, and a peer may send
    /// hundreds at a time.
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

    /// Reads one head and acts on it; false if the head is incomplete or refused.
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
            refuse(.badHead(error))
            return false
        }
    }

    /// Returns the head's length once the head is complete; nil before.
    private func scan(_ input: InputBuffer) throws(RequestHeadError) -> Int? {
        while true {
            // All bytes so far, in one piece: the scanner remembers how far it has read.
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
        if let expectation = head.unknownExpectation { return refuse(.unknownExpectation(expectation)) }
        switch handler.admit(head, from: peer, isEncrypted: tls != nil) {
        case .answer(let response):
            input.drop(length)
            // The bytes that follow belong to a body, which nobody reads.
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

    func refuse(_ refusal: GateRefusal) {
        guard let handler = gate.handler else { return close(.byServer) }
        handler.gateRefused(refusal, peer: peer)
        answerAndClose(handler.response(to: refusal))
    }

    /// Refuses a connection for which there is no room. The refusal is sent when the request begins to arrive, or after
    /// `refusalPause`: a client that has sent no request treats an answer as an error (Go's does, and so Caddy answers
    /// 502).
    func turnAway(_ refusal: GateRefusal) {
        guard let handler = gate.handler else { return close(.byServer) }
        handler.gateRefused(refusal, peer: peer)
        // Only a few refusals are sent at a time, so that refusing costs less than serving.
        guard gate.rejectedCount < Gate.maxRejected else { return close(.byServer) }
        isRejectionCounted = true
        gate.rejectedCount += 1
        state = .refusing(handler.response(to: refusal))
        deadline = SystemClock.monotonic() + Self.refusalPause
    }
}
