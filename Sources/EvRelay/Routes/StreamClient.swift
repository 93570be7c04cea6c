// SPDX-License-Identifier: MIT
import WireFormat

/// The kind of client that asks for a stream, on which its form depends.
enum StreamClient: Equatable {
    /// A browser that opens the address as a page of its own.
    case page
    /// A browser that shows the stream inside a page.
    case element
    /// A player, a camera program, a script.
    case program

    /// The elements that show a stream inside a page, as Sec-Fetch-Dest names them.
    private static let elements: Set<String> = ["image", "iframe", "frame", "embed", "object", "fencedframe"]

    /// Browsers tell by Sec-Fetch-Dest (Fetch Metadata, section 2.1) what a request is for, but not to a server on the
    /// network without TLS. There a page's request is known by what all browsers send with one, and many programs a part
    /// of.
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
