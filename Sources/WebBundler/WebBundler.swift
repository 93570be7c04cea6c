// SPDX-License-Identifier: MIT
import FoundationEssentials
import Glibc

/// Build tool: `WebBundler FOLDER OUTPUT LAST-RUN` writes the Swift file OUTPUT with every file below FOLDER as text,
/// and touches LAST-RUN. An OUTPUT that would stay the same is not written.
@main
enum WebBundler {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 4 else { end("usage: WebBundler FOLDER OUTPUT LAST-RUN") }
        let (folder, output, lastRun) = (arguments[1], arguments[2], arguments[3])
        do {
            let source = Data(try WebFolder(path: folder).source().utf8)
            if FileManager.default.contents(atPath: output) != source {
                try source.write(to: URL(filePath: output), options: .atomic)
            }
            try Data().write(to: URL(filePath: lastRun), options: .atomic)
        } catch {
            end("\(error)")
        }
    }

    /// Prints the error and ends. Standard output suffices: the build shows both streams when a tool fails.
    private static func end(_ message: String) -> Never {
        print("error: WebBundler: \(message)")
        exit(1)
    }
}
