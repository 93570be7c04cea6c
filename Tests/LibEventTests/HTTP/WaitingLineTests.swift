// SPDX-License-Identifier: MIT
import TestSupport
import Testing

@testable import LibEvent

@Suite struct WaitingLineTests {
    private final class Member {
        let number: Int
        let place = WaitingLine<Member>.Place()

        init(_ number: Int) {
            self.number = number
        }
    }

    @Test(arguments: UInt64(1)...20)
    func `whoever has waited longest is first, whoever joins and leaves in between`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let line = WaitingLine<Member>()
        let members = (0..<12).map { Member($0) }
        var expected: [Int] = []
        for _ in 0..<2_000 {
            let member = members[Int.random(in: 0..<members.count, using: &random)]
            if let index = expected.firstIndex(of: member.number) {
                expected.remove(at: index)
                line.leave(member.place)
            } else {
                expected.append(member.number)
                line.join(member, at: member.place)
            }
            #expect(line.first?.number == expected.first, "seed \(seed)")
            #expect(line.count == expected.count, "seed \(seed)")
            #expect(member.place.isTaken == expected.contains(member.number), "seed \(seed)")
        }
        for member in members where member.place.isTaken { line.leave(member.place) }
        #expect(line.first == nil)
    }

    @Test func `nobody is held who has left`() {
        let line = WaitingLine<Member>()
        weak var gone: Member?
        do {
            let members = (0..<3).map { Member($0) }
            for member in members { line.join(member, at: member.place) }
            gone = members[1]
            for member in members { line.leave(member.place) }
        }
        #expect(gone == nil)
    }
}
