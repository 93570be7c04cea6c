// SPDX-License-Identifier: MIT
import Testing

@testable import EvRelay

@Suite struct EntityTagTests {
    private static let tag = "\"1795370400123\""

    @Test(arguments: [
        "\"1795370400123\"", "W/\"1795370400123\"", "*", "\"1\", \"1795370400123\"", "\"1\",W/\"1795370400123\"",
        "\"1\" ,\t\"1795370400123\" ", "\"1795370400123\",\"2\"", "\"1\", *",
    ])
    func `a condition that names the tag matches`(_ condition: String) {
        #expect(EntityTag.matches(condition, Self.tag))
    }

    @Test(arguments: [
        "", "\"\"", "1795370400123", "\"1795370400124\"", "\"179537040012\"", "\"17953704001234\"", "\"1\", \"2\"",
        "w/\"1795370400123\"", "W/1795370400123", "'1795370400123'", "\"*\"", ",", "\"1795370400123",
    ])
    func `any other condition does not`(_ condition: String) {
        #expect(!EntityTag.matches(condition, Self.tag))
    }

    @Test func `no condition is no match`() {
        #expect(!EntityTag.matches(nil, Self.tag))
    }
}
