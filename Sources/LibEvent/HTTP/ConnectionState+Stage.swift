// SPDX-License-Identifier: MIT
import System

// The facts and decisions that follow from the stage, and change nothing.
extension ConnectionState {
    /// The connection's current activity; nil after its end.
    var phase: ConnectionPhase? {
        switch stage {
        case .entering: .entering
        case .awaitingHead: hasBegunHead || !isKept ? .head : .idle
        case .refusing: .refused
        case .answering, .taken: purpose
        case .lingering(let isRefused): isRefused ? .refused : .ending
        case .closed: nil
        }
    }

    /// True once the owner wants the connection to end when everything is sent.
    var isEnding: Bool { stage == .taken(isEnding: true) }

    /// True while the next head may be read.
    var readsHeads: Bool { stage == .awaitingHead && heads.isUnderWay && !heads.isOver }

    /// True while further bytes have a reader in this turn.
    var takesMore: Bool {
        guard isReading, !isPostponed else { return false }
        return switch stage {
        case .awaitingHead, .refusing, .taken, .lingering: true
        case .entering, .answering, .closed: false
        }
    }

    /// Decides after an answer that is wholly with the kernel.
    func answerSent(_ isLast: Bool, _ isDraining: Bool) -> ConnectionAction {
        isLast || isDraining ? .endWhenReceived : .awaitNextRequest
    }

    /// Handles the deadline.
    /// - Parameter isHandshaking: true if the peer has not completed its TLS handshake.
    func deadlinePassed(isHandshaking: Bool) -> ConnectionAction {
        switch stage {
        case .entering, .awaitingHead:
            isHandshaking ? .failHandshake : hasBegunHead ? .refuseSlowHead : .endWhenReceived
        case .refusing: .sendRefusal
        case .taken(let isEnding): isEnding ? .close(.stalled) : .tellDeadlinePassed
        case .lingering: .askAcknowledged
        case .answering: .close(.byServer)
        case .closed: .none
        }
    }

    /// Handles the end of the peer's data, once the bytes before it were read: a request that arrived whole is
    /// answered, and an answer under way continues.
    func endReached(isOutputPending: Bool) -> ConnectionAction {
        switch stage {
        case .entering, .awaitingHead: isPostponed ? .none : .close(.byPeer)
        case .refusing: .close(.byPeer)
        case .taken(let isEnding): isEnding ? .none : .tellEndReached
        case .lingering: isOutputPending ? .none : .close(.byPeer)
        case .answering, .closed: .none
        }
    }
}
