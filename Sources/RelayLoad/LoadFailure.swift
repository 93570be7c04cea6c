// SPDX-License-Identifier: MIT

/// The reason why a run could not begin or finish.
struct LoadFailure: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
