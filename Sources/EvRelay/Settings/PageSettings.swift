// SPDX-License-Identifier: MIT
import WireFormat

/// The settings of the pages.
enum PageSettings {
    static let rows: [Setting] = [
        .list(
            "frame-ancestors", .access(80), .origin, \.frameAncestors, "Other site that may show the pages in a frame.",
            empty: FrameAncestors(), defaultText: "this server's own pages",
            acceptedText: "scheme://host[:port], * or none", texts: \.texts
        ) { (ancestors, value) throws(ValueError) in
            try ancestors.insert(parsing: value)
        },
        .single(
            "web-root", .operation(10), .folder, \.webRoot, "Folder to read the pages from on each request.",
            defaultText: "built-in pages", needsRestart: true, text: { $0 }
        ) { (value) throws(ValueError) in
            guard !value.isEmpty else { throw ValueError(value, "empty") }
            return value
        },
    ]
}
