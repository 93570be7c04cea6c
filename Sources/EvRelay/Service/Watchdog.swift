// SPDX-License-Identifier: MIT

/// Decides whether the service manager's watchdog may be fed: only while every loop answers. Pure.
///
/// Each loop is asked with a number that grows, and answers with the number it was asked last. A loop that has not
/// answered by the next turn is regarded as stuck. If it stays stuck, the manager restarts the process.
struct Watchdog: Equatable, Sendable {
    /// Turns in each interval of the manager, so that one missed turn does not end the process.
    static let turnsPerInterval = 3

    /// The result of one turn.
    struct Turn: Equatable, Sendable {
        /// True if every loop has answered the last question.
        let isAlive: Bool
        /// Indices of the loops that have not answered it.
        let silent: [Int]
        /// The question to ask every loop now.
        let question: Int
    }

    private var question = 0

    /// Creates a watchdog that has asked nothing yet.
    init() {}

    /// Judges the answers to the last question, and returns the next one.
    /// - Parameter answers: the last number with which each loop has answered; 0 if it has not yet.
    mutating func turn(answers: [Int]) -> Turn {
        let silent = answers.indices.filter { answers[$0] < question }
        question += 1
        return Turn(isAlive: silent.isEmpty, silent: silent, question: question)
    }
}
