// SPDX-License-Identifier: MIT
import LibEvent

/// Where the links of a command begin.
struct LinkBase {
    let url: PublicURL
    /// True if nobody has said it.
    let isGuessed: Bool

    /// What the settings say, else a guess.
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

    /// Says that the address may be another one.
    func sayIfGuessed() {
        guard isGuessed else { return }
        CommandFailure.say(
            "The address is a guess; \(Setting.publicURL.flag), also in the settings, says where clients reach the server."
        )
    }
}
