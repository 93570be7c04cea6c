// SPDX-License-Identifier: MIT
import System
import Testing

@testable import EvRelay
@testable import LibEvent

@Suite struct FailureLimiterTests {
    private static let rules = FailureLimiter.Rules(maxFailures: 10, memory: .seconds(600))
    private static let start = Instant(nanoseconds: 1_000_000_000_000)

    private static func address(_ number: UInt64) -> PeerAddress.Key { .init(high: number, low: .max) }

    private static func digest(_ text: String) throws -> CredentialDigest {
        try #require(CredentialDigest(of: text))
    }

    @Test func `two failures are free, then each costs twice as much, up to four seconds`() throws {
        var limiter = FailureLimiter()
        let delays = try (0..<9).map { _ in
            limiter.failed(try Self.digest("x"), from: Self.address(1), now: Self.start, Self.rules).wholeMilliseconds
        }
        #expect(delays == [0, 0, 250, 500, 1_000, 2_000, 4_000, 4_000, 4_000])
    }

    @Test func `with too many failures an address is refused until some time after the last`() throws {
        var limiter = FailureLimiter()
        let (wrong, address) = (try Self.digest("x"), Self.address(1))
        for count in 1...10 {
            #expect(limiter.wait(of: wrong, from: address, now: Self.start, Self.rules) == nil, "\(count)")
            _ = limiter.failed(wrong, from: address, now: Self.start + .seconds(count), Self.rules)
        }
        let last = Self.start + .seconds(10)
        #expect(limiter.wait(of: wrong, from: address, now: last, Self.rules) == .seconds(600))
        #expect(limiter.wait(of: wrong, from: address, now: last + .seconds(599), Self.rules) == .seconds(1))
        #expect(limiter.wait(of: wrong, from: address, now: last + .seconds(600), Self.rules) == nil)
        // Then it counts from the beginning.
        #expect(limiter.failed(wrong, from: address, now: last + .seconds(600), Self.rules) == .zero)
        #expect(limiter.wait(of: wrong, from: address, now: last + .seconds(600), Self.rules) == nil)
    }

    @Test func `other addresses are not concerned`() throws {
        var limiter = FailureLimiter()
        let wrong = try Self.digest("x")
        for _ in 0..<20 { _ = limiter.failed(wrong, from: Self.address(1), now: Self.start, Self.rules) }
        #expect(limiter.wait(of: wrong, from: Self.address(2), now: Self.start, Self.rules) == nil)
        #expect(limiter.failed(wrong, from: Self.address(2), now: Self.start, Self.rules) == .zero)
    }

    @Test func `a neighbour whose key was good there is never locked out, and an unknown key is`() throws {
        var limiter = FailureLimiter()
        let (good, other, address) = (try Self.digest("good"), try Self.digest("other"), Self.address(1))
        limiter.succeeded(good, from: address, now: Self.start)
        for _ in 0..<20 { _ = limiter.failed(try Self.digest("x"), from: address, now: Self.start, Self.rules) }
        #expect(limiter.wait(of: good, from: address, now: Self.start, Self.rules) == nil)
        #expect(limiter.wait(of: other, from: address, now: Self.start, Self.rules) != nil)
        // A key that is right for another address is not right for this one.
        limiter.succeeded(other, from: Self.address(2), now: Self.start)
        #expect(limiter.wait(of: other, from: address, now: Self.start, Self.rules) != nil)
    }

    @Test func `a key that was taken away is a wrong one like any other`() throws {
        var limiter = FailureLimiter()
        let (good, address) = (try Self.digest("good"), Self.address(1))
        limiter.succeeded(good, from: address, now: Self.start)
        for _ in 0..<10 { _ = limiter.failed(good, from: address, now: Self.start, Self.rules) }
        #expect(limiter.wait(of: good, from: address, now: Self.start, Self.rules) != nil)
    }

    @Test func `a good key does not wipe out failures`() throws {
        var limiter = FailureLimiter()
        let (good, wrong, address) = (try Self.digest("good"), try Self.digest("x"), Self.address(1))
        for _ in 0..<10 {
            _ = limiter.failed(wrong, from: address, now: Self.start, Self.rules)
            limiter.succeeded(good, from: address, now: Self.start)
        }
        #expect(limiter.wait(of: wrong, from: address, now: Self.start, Self.rules) != nil)
    }

    @Test func `with one failure allowed the first one is the last`() throws {
        var limiter = FailureLimiter()
        let rules = FailureLimiter.Rules(maxFailures: 1, memory: .seconds(1))
        let wrong = try Self.digest("x")
        #expect(limiter.failed(wrong, from: Self.address(1), now: Self.start, rules) == .zero)
        #expect(limiter.wait(of: wrong, from: Self.address(1), now: Self.start, rules) == .seconds(1))
    }

    @Test func `what is kept has a bound, and the newest is kept`() throws {
        var limiter = FailureLimiter()
        let wrong = try Self.digest("x")
        let count = FailureLimiter.maxAddresses + FailureLimiter.maxGood
        for number in 0..<count * 2 {
            let now = Self.start + .microseconds(number)
            _ = limiter.failed(wrong, from: Self.address(UInt64(number)), now: now, Self.rules)
            limiter.succeeded(try Self.digest("\(number)"), from: Self.address(1), now: now)
            if number.isMultiple(of: 1_000) { #expect(limiter.count <= count) }
        }
        #expect(limiter.count <= count)
        let newest = Self.address(UInt64(count * 2 - 1))
        #expect(limiter.failed(wrong, from: newest, now: Self.start + .seconds(1), Self.rules) == .zero)
        #expect(limiter.failed(wrong, from: newest, now: Self.start + .seconds(1), Self.rules) == .milliseconds(250))
    }

    @Test func `one IPv6 customer is one address, and unix sockets are none`() throws {
        let failures = FailureGuard()
        let wrong = try Self.digest("x")
        let rules = FailureLimiter.Rules(maxFailures: 4, memory: .seconds(600))
        for number in 1...4 {
            let peer = try #require(PeerAddress(host: "2001:db8:0:1::\(number)"))
            #expect(failures.wait(of: wrong, from: peer, now: Self.start, rules) == nil)
            _ = failures.failed(wrong, from: peer, now: Self.start, rules)
            #expect(failures.failed(wrong, from: .unixSocket, now: Self.start, rules) == .zero)
        }
        let neighbour = try #require(PeerAddress(host: "2001:db8:0:1:ffff::1"))
        let other = try #require(PeerAddress(host: "2001:db8:0:2::1"))
        #expect(failures.wait(of: wrong, from: neighbour, now: Self.start, rules) == .seconds(600))
        #expect(failures.wait(of: wrong, from: other, now: Self.start, rules) == nil)
        #expect(failures.wait(of: wrong, from: .unixSocket, now: Self.start, rules) == nil)
    }
}
