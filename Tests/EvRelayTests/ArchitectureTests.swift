// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// Keeps the walk of a frame in docs/architecture.md true to the sources.
@Suite struct ArchitectureTests {
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: repository.appending(path: path), encoding: .utf8)
    }

    /// The rows of the walk: file, and name with its type.
    private static func steps() throws -> [(file: String, name: String)] {
        let walk = try #require(try text("docs/architecture.md").components(separatedBy: "## A frame's walk").last)
        return walk.components(separatedBy: "\n## ")[0].split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
            guard cells.count == 4, Int(cells[0]) != nil else { return nil }
            return (cells[1], cells[2])
        }
    }

    @Test func `every step of a frame's walk names a file and what it declares`() throws {
        let steps = try Self.steps()
        #expect(steps.count >= 10)
        for step in steps {
            let source = try Self.text("Sources/\(step.file)")
            let names = step.name.split(separator: ".")
            let type = try #require(names.first)
            #expect(
                source.contains(try Regex("(class|struct|enum|protocol|extension) \(type)\\b")),
                "\(step.file) has no \(type)")
            for member in names.dropFirst() {
                #expect(source.contains(try Regex("func \(member)\\(")), "\(step.file) has no \(step.name)")
            }
        }
    }

    @Test func `the house is told in 200 lines`() throws {
        let lines = try Self.text("docs/architecture.md").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 201)
    }

    @Test func `every room has a README`() throws {
        let sources = Self.repository.appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        var rooms: Set<URL> = []
        for case let file as URL in files where file.pathExtension == "swift" {
            rooms.insert(file.deletingLastPathComponent())
        }
        #expect(rooms.count > 20)
        for room in rooms {
            let path = room.appending(path: "README.md").path(percentEncoded: false)
            #expect(FileManager.default.fileExists(atPath: path), "\(path) is missing")
        }
    }
}
