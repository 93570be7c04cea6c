// SPDX-License-Identifier: MIT
import System
import WireFormat

// Requests and answers: reads heads, asks the handler what to do with each request, and sends what it says.
extension GateConnection {
    /// Reads request heads while there are any and the gate owns the connection.
    func readHeads() {
        while state.readsHeads, input.count > 0 {
            if !state.hasBegunHead { state.headBegan(now: SystemClock.monotonic(), limits: gate.limits) }
            do throws(RequestHeadError) {
                guard let (head, byteCount) = try input.queue.readHead(with: &reader) else { break }
                self.head = head
                decide(head, byteCount)
                state.headRead(isTurnLong: gate.isTurnLong)
            } catch {
                refuse(.badHead(error))
            }
        }
        perform(state.headsEnded(hasInput: input.count > 0))
    }

    private func decide(_ head: RequestHead, _ byteCount: Int) {
        guard let handler = gate.handler else { return close(.byServer) }
        if let expectation = head.unknownExpectation { return refuse(.unknownExpectation(expectation)) }
        switch handler.admit(head, from: peer, isEncrypted: tls != nil) {
        case .answer(let response):
            input.queue.drop(byteCount)
            // The bytes that follow belong to a body, which nobody reads.
            if head.hasBody { return answerAndClose(response) }
            answer(response, isKept: head.isKeepAlive)
        case .answerAndClose(let response): answerAndClose(response)
        case .take(let start):
            input.queue.drop(byteCount)
            state.takeOver()
            let connection = TakenConnection(self, head)
            owner = connection
            start(connection)
            guard case .taken(let isEnding) = state.stage, input.count > 0 else { return }
            if isEnding { input.dropAll() } else { owner?.received(input.queue) }
        }
    }

    func refuse(_ reason: GateRefusal) {
        guard let handler = gate.handler else { return close(.byServer) }
        handler.gateRefused(reason, peer: peer)
        answerAndClose(handler.response(to: reason))
    }

    /// Sends `response` to the request under way. Then waits for the next request if `isKept`, unless the server is
    /// draining or the peer has ended its side.
    func answer(_ response: HTTPResponse, isKept: Bool) {
        owner = nil
        note(response)
        let isLast = state.answer(isKept: isKept, isDraining: gate.isDraining, hasInput: input.count > 0)
        let isPending = write(response, connection: isLast ? "close" : "keep-alive")
        perform(state.answerWritten(isPending: isPending, isDraining: gate.isDraining))
    }

    /// Sends `response` and ends the connection. For a moment before the end it drops what still arrives, so that the
    /// peer can read the response.
    func answerAndClose(_ response: HTTPResponse) {
        owner = nil
        note(response)
        state.beginLingering(isRefused: true, now: SystemClock.monotonic())
        input.dropAll()
        guard write(response, connection: "close") else { return drained() }
        state.lastAnswerIsPending()
    }

    /// Waits for the next request on this connection, which may have arrived already.
    func awaitNextRequest() {
        place.forgetClient(gate)
        head = nil
        reader = HeadReader(limits: gate.limits)
        state.awaitNextRequest(now: SystemClock.monotonic(), limits: gate.limits)
        _ = input.fetchDecrypted()
        perform(state.bytesArrived(input.count))
    }

    /// Sends an answer, with `opening` after it. Returns true if bytes are left for the loop to send.
    func write(_ response: HTTPResponse, connection: String, followedBy opening: [UInt8] = []) -> Bool {
        let isCopied = output.write(response, to: head, connection: connection, date: gate.date, opening: opening)
        if isCopied { bytesWereCopied() }
        return output.isPending
    }

    /// Holds the connection to the memory limits after bytes were copied for it. Above its own limit it ends in the
    /// loop's next turn, since the caller does not expect it to end during the call.
    func bytesWereCopied() {
        if output.isOverLimit { perform(state.endNextTurn(.answerMemory)) }
        if gate.answers.isExceeded { gate.handler?.answersFull() }
    }
}
