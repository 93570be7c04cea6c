// SPDX-License-Identifier: MIT
public import System

/// The resources that the outgoing connections of one loop share: one buffer for all reads, and the resolver.
///
/// Confined to one event loop.
public final class OutgoingContext {
    /// The loop of the connections.
    public let loop: EventLoop
    let resolver: NameResolver
    private let readBytes: Int
    private var buffer: [UInt8]?
    private var calls: [() -> Void] = []
    private var nextTurn: NextTurn?

    /// - Parameters:
    ///   - readBytes: the most bytes that one connection reads in one turn of the loop, 1 or more.
    ///   - resolver: the resolver of names.
    public init(
        on loop: EventLoop, readBytes: Int = 65_536, resolver: NameResolver = .shared
    ) throws(SystemError) {
        self.loop = loop
        self.readBytes = max(1, readBytes)
        self.resolver = resolver
        nextTurn = try NextTurn(on: loop) { [weak self] in self?.callAll() }
    }

    /// Calls `call` in the loop's next turn, so that no owner is called from within a call of its own.
    func later(_ call: @escaping () -> Void) {
        calls.append(call)
        nextTurn?.request()
    }

    /// Lends the buffer. Whoever asks while it is lent, from a loop that runs within a callback, gets one of its own.
    func withBuffer<Result>(_ use: (inout [UInt8]) -> Result) -> Result {
        var lent = buffer ?? [UInt8](repeating: 0, count: readBytes)
        buffer = nil
        defer { buffer = lent }
        return use(&lent)
    }

    private func callAll() {
        let due = calls
        calls = []
        for call in due { call() }
    }
}
