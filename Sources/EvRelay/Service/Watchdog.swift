// SPDX-License-Identifier: MIT

/// Decides whether the service manager's watchdog may be fed: only while every loop answers. Pure.
///
/// Each loop is asked with a number that grows, and answers with the number it was asked last. A loop that has not
/// answered by the next turn is taken for stuck; if it stays so, the manager restarts the process.
struct Watchdog: Equatable, Sendable {
    /// Turns for each time that the manager waits for: one turn missed is no reason to be killed.
    static let turnsPerInterval = 3

    /// What to do at one turn.
    struct Turn: Equatable, Sendable {
        /// True if every loop has answered the last question.
        let isAlive: Bool
        /// Indices of the loops that have not.
        let silent: [Int]
        /// What to ask every loop now.
        let question: Int
    }

    private var question = 0

    /// Before the first turn nothing was asked.
    init() {}

    /// - Parameter answers: the number each loop has answered last, 0 for none yet.
    mutating func turn(answers: [Int]) -> Turn {
        let silent = answers.indices.filter { answers[$0] < question }
        question += 1
        return Turn(isAlive: silent.isEmpty, silent: silent, question: question)
    }
}
