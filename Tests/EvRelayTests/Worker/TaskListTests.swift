// SPDX-License-Identifier: MIT
import Testing

@testable import EvRelay

@Suite struct TaskListTests {
    private final class Task: LastingTask {
        let number: Int

        init(_ number: Int) { self.number = number }

        func beginDraining() {}
    }

    private static func numbers(_ list: TaskList) -> [Int] { list.all.compactMap { ($0 as? Task)?.number } }

    @Test func `tasks are told in the order in which they began, whoever has ended`() {
        var list = TaskList()
        #expect(list.isEmpty)
        let tasks = (0..<100).map { Task($0) }
        for task in tasks { list.add(task) }
        #expect(Self.numbers(list) == Array(0..<100))
        for task in tasks where task.number % 3 == 0 { list.remove(task) }
        list.add(tasks[0])
        #expect(Self.numbers(list) == (0..<100).filter { $0 % 3 != 0 } + [0])
        for task in tasks { list.remove(task) }
        #expect(list.isEmpty)
    }
}
