// SPDX-License-Identifier: MIT

/// Why a run could not be made or finished.
struct LoadFailure: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
