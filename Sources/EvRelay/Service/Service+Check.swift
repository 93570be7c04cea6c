// SPDX-License-Identifier: MIT
import System

extension Service {
    /// Reads the files that a start needs, and checks those that are read later. Opens no port.
    @discardableResult
    static func check(
        _ configuration: Configuration, environment: [String: String]
    ) throws(ServiceError) -> LoadedFiles {
        if let path = configuration.webRoot {
            guard FileContents.isReadableDirectory(path) else { throw .noWebRoot(path) }
            guard WebFiles(root: path).file(at: "/") != nil else { throw .noPages(path) }
        }
        do throws(ConfigurationError) {
            return try LoadedFiles(configuration, environment)
        } catch {
            throw .wrongConfiguration(error)
        }
    }
}
