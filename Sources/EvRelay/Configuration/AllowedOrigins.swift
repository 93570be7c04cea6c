// SPDX-License-Identifier: MIT

/// The origins, other than the server's own, whose pages may upload and read.
struct AllowedOrigins: Sendable, Equatable {
    /// True when `*` is among them: the answer then names no origin.
    private(set) var isAny = false
    /// The origins named one by one.
    private(set) var named: Set<Origin> = []

    /// Adds an origin or `*`.
    mutating func insert(parsing text: String) throws(ValueError) {
        if text == "*" {
            isAny = true
        } else {
            named.insert(try Origin(parsing: text))
        }
    }

    /// Returns true if a request's `Origin` value is allowed. `null`, which sandboxed pages send, is allowed by `*`
    /// only.
    func allows(_ origin: String) -> Bool {
        if isAny { return true }
        guard !named.isEmpty, let origin = try? Origin(parsing: origin) else { return false }
        return named.contains(origin)
    }

    /// The origins as they could be written, sorted.
    var texts: [String] { (isAny ? ["*"] : []) + named.map(\.description).sorted() }
}
