// SPDX-License-Identifier: MIT
import WireFormat

/// Returns a head as the gate passes it on, parsed from the bytes that a client sends.
func head(_ lines: [String]) throws(RequestHeadError) -> RequestHead {
    try RequestHead.parse(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8).span, maxFields: 64)
}

/// Returns a head as the gate passes it on, parsed from the bytes that a client sends.
func head(_ lines: String...) throws(RequestHeadError) -> RequestHead { try head(lines) }

/// Returns the query of a target that ends in `?text`.
func query(_ text: String) throws(RequestHeadError) -> Query {
    try head("GET /?\(text) HTTP/1.1", "Host: x").query
}
