// SPDX-License-Identifier: MIT
import LibEvent
import System
import WireFormat

/// The base URL of the links that a command prints.
struct LinkBase {
    let url: PublicURL
    /// True if the URL is not configured.
    let isGuessed: Bool

    /// Takes the URL from the settings, or else guesses it.
    init(_ configuration: Configuration) throws {
        if let known = configuration.publicURL {
            (url, isGuessed) = (known, false)
        } else {
            guard let guess = PublicURL(guessedFrom: configuration, host: HostAddresses.all().first) else {
                throw CommandFailure.ending(
                    "nobody has said where clients reach the server: \(Setting.publicURL.flag)", status: 78)
            }
            (url, isGuessed) = (guess, true)
        }
    }

    /// Prints a note if the URL is a guess.
    func sayIfGuessed() {
        guard isGuessed else { return }
        CommandFailure.say(
            "The address is a guess; \(Setting.publicURL.flag), also in the settings, says where clients reach the server."
        )
    }
}
