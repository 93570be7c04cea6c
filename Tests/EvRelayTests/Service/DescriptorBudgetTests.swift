// SPDX-License-Identifier: MIT
import Testing

@testable import EvRelay

@Suite struct DescriptorBudgetTests {
    @Test(arguments: [(1, 24), (2, 32), (64, 528)]) func `each loop has its own share`(_ loops: Int, _ reserved: Int) {
        #expect(DescriptorBudget(limit: 1024, loops: loops).reserved == reserved)
    }

    @Test(arguments: [
        (1_048_576, 4096, 4096), (4128, 4096, 4096), (4127, 4096, 4095), (64, 4096, 32), (33, 4096, 1), (32, 4096, 1),
        (8, 4096, 1), (0, 4096, 1), (64, 10, 10), (64, 1, 1),
    ])
    func `connections are what was wanted or what fits, never none`(_ limit: Int, _ wanted: Int, _ allowed: Int) {
        #expect(DescriptorBudget(limit: limit, loops: 2).connections(atMost: wanted) == allowed)
    }
}
