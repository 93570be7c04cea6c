// SPDX-License-Identifier: MIT
import TestSupport
import Testing

@testable import Cameras

@Suite struct CameraAgesTests {
    @Test(arguments: [
        (Duration.zero, CameraState.live), (.nanoseconds(2_999_999_999), .live), (.seconds(3), .stale),
        (.nanoseconds(3_000_000_001), .stale), (.nanoseconds(14_999_999_999), .stale), (.seconds(15), .offline),
        (.seconds(1_000_000), .offline),
    ])
    func `the state changes exactly at each age`(_ age: Duration, _ state: CameraState) {
        #expect(defaultAges.state(age: age) == state)
    }

    @Test func `without a time between stale and offline a camera is never stale`() {
        let status = CameraAges(staleAfter: .seconds(3), offlineAfter: .seconds(3), forgetAfter: .seconds(3))
        #expect(status.state(age: .nanoseconds(2_999_999_999)) == .live)
        #expect(status.state(age: .seconds(3)) == .offline)
        #expect(status.isForgettable(age: .seconds(3), viewers: 0))
    }

    @Test(arguments: [
        (Duration.nanoseconds(599_999_999_999), 0, false), (.seconds(600), 0, true), (.seconds(600), 1, false),
        (.seconds(1_000_000), 2, false),
    ])
    func `a camera is forgettable from its age on, unless watched`(_ age: Duration, _ viewers: Int, _ isIt: Bool) {
        #expect(defaultAges.isForgettable(age: age, viewers: viewers) == isIt)
    }

    @Test func `the words of the API`() {
        #expect([CameraState.live, .stale, .offline].map(\.rawValue) == ["live", "stale", "offline"])
    }
}
