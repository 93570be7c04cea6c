// SPDX-License-Identifier: MIT
import WireFormat

/// The kind of client that requests a stream, on which the stream's form depends.
enum StreamClient: Equatable {
    /// A browser that opens the address as a page of its own.
    case page
    /// A browser that shows the stream inside a page.
    case element
    /// A player, a camera program, or a script.
    case program

    /// The values of Sec-Fetch-Dest for elements that show a stream inside a page.
    private static let elements: Set<String> = ["image", "iframe", "frame", "embed", "object", "fencedframe"]

    /// Reads the kind of client from `head`. Browsers say in Sec-Fetch-Dest (Fetch Metadata, section 2.1) what a
    /// request is for, but not to a server on the network without TLS. There a page's request is known by the fields
    /// that all browsers send with one, and of which many programs send only some.
    init(_ head: RequestHead) {
        if let destination = head.field("sec-fetch-dest") {
            self = destination == "document" ? .page : Self.elements.contains(destination) ? .element : .program
            return
        }
        let accept = AcceptHeader(head.field("accept"))
        let isPage =
            accept.begins(with: "text/html") && accept.names("application/xhtml+xml")
            && head.field("user-agent")?.hasPrefix("Mozilla/5.0") == true
        // No `<img>` names a page or multipart; clients of other relays do.
        let isImage = accept.namesAny(of: "image") && !accept.names("text/html") && !accept.namesAny(of: "multipart")
        self = isPage ? .page : isImage ? .element : .program
    }
}
