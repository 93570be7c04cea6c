// SPDX-License-Identifier: MIT
import Foundation
import PackagePlugin

/// Makes WebBundler turn `web/` into `WebBundle.swift` in every build.
///
/// Naming the files as inputs is not enough: SwiftPM plans once and keeps the plan while `Sources` and the manifest
/// stay as they are, so a file added later would be embedded once and its changes never noticed. Therefore the only
/// input is a file that the tool itself touches: it is always newer than the last run. The tool takes milliseconds, and
/// leaves an unchanged `WebBundle.swift` alone, so nothing is compiled again without need.
@main
struct EmbedWeb: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let folder = context.package.directoryURL.appending(path: "web")
        let output = context.pluginWorkDirectoryURL.appending(path: "WebBundle.swift")
        let lastRun = context.pluginWorkDirectoryURL.appending(path: "last-run")
        try FileManager.default.createDirectory(at: context.pluginWorkDirectoryURL, withIntermediateDirectories: true)
        try Data().write(to: lastRun)
        return [
            .buildCommand(
                displayName: "Embedding web/",
                executable: try context.tool(named: "WebBundler").url,
                arguments: [folder, output, lastRun].map { $0.path(percentEncoded: false) },
                inputFiles: [lastRun],
                outputFiles: [output])
        ]
    }
}
