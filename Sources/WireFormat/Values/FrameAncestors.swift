// SPDX-License-Identifier: MIT

/// The sites that may show the pages in a frame (CSP level 3, `frame-ancestors`).
public struct FrameAncestors: Sendable, Equatable {
    /// True when no page may, not even this server's own.
    public private(set) var isNobody = false
    /// True when every page may.
    public private(set) var isAny = false
    /// The origins named one by one, in addition to the server's own.
    public private(set) var named: Set<Origin> = []

    /// Creates the default: the server's own pages.
    public init() {}

    /// Adds an origin, `*` or `none`.
    public mutating func insert(parsing text: String) throws(ValueError) {
        switch text {
        case "none": isNobody = true
        case "*": isAny = true
        default: named.insert(try Origin(parsing: text))
        }
        guard !isNobody || (!isAny && named.isEmpty) else { throw ValueError(text, "none stands alone") }
    }

    /// The sites as they could be written, sorted.
    public var texts: [String] { (isNobody ? ["none"] : []) + (isAny ? ["*"] : []) + named.map(\.description).sorted() }
}
