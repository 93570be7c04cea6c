// SPDX-License-Identifier: MIT

/// The origins, other than the server's own, whose pages may upload and read.
public struct AllowedOrigins: Sendable, Equatable {
    /// True when `*` is among them: the answer then names no origin.
    public private(set) var isAny = false
    /// The origins named one by one.
    public private(set) var named: Set<Origin> = []

    /// Creates an empty set.
    public init() {}

    /// Adds an origin or `*`.
    public mutating func insert(parsing text: String) throws(ValueError) {
        if text == "*" {
            isAny = true
        } else {
            named.insert(try Origin(parsing: text))
        }
    }

    /// Returns true if a request's `Origin` value is allowed. `null`, which sandboxed pages send, is allowed by `*`
    /// only.
    public func allows(_ origin: String) -> Bool {
        if isAny { return true }
        guard !named.isEmpty, let origin = try? Origin(parsing: origin) else { return false }
        return named.contains(origin)
    }

    /// The origins as they could be written, sorted.
    public var texts: [String] { (isAny ? ["*"] : []) + named.map(\.description).sorted() }
}
