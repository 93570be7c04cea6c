// SPDX-License-Identifier: MIT

extension RequestHead {
    /// The request methods that routes distinguish.
    public enum Method: String, Sendable, CaseIterable {
        /// RFC 9110 §9.3.1.
        case get = "GET"
        /// RFC 9110 §9.3.2.
        case head = "HEAD"
        /// RFC 9110 §9.3.3.
        case post = "POST"
        /// RFC 9110 §9.3.4.
        case put = "PUT"
        /// RFC 9110 §9.3.7.
        case options = "OPTIONS"
        /// RFC 9110 §9.3.5.
        case delete = "DELETE"
        /// RFC 5789.
        case patch = "PATCH"
        /// Any other token; `methodName` holds it.
        case other = ""

        /// Creates it from a method's name, which is case-sensitive (RFC 9110 §9.1).
        init(_ bytes: Span<UInt8>) {
            self = .other
            for method in Self.allCases where ByteSearch.has(method.rawValue.utf8.span, at: 0, in: bytes) {
                guard method.rawValue.utf8.count == bytes.count else { continue }
                self = method
                return
            }
        }
    }
}
