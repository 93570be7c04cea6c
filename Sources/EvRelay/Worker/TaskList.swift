// SPDX-License-Identifier: MIT

/// The long-lived tasks of a worker, in the order in which they began.
///
/// The order matters where they are checked together: of many guessed keys the first ones count, and use up the tries of
/// those that came later.
struct TaskList {
    private var entries: [ObjectIdentifier: (number: UInt64, task: any LastingTask)] = [:]
    private var count: UInt64 = 0

    /// True if there is no task.
    var isEmpty: Bool { entries.isEmpty }

    /// A copy of the list, oldest task first. A task may end while it is gone through.
    var all: [any LastingTask] { entries.values.sorted { $0.number < $1.number }.map(\.task) }

    /// Adds a task at the end.
    mutating func add(_ task: any LastingTask) {
        count += 1
        entries[ObjectIdentifier(task)] = (count, task)
    }

    /// Removes a task.
    mutating func remove(_ task: any LastingTask) { entries[ObjectIdentifier(task)] = nil }
}
