// SPDX-License-Identifier: MIT
import ArgumentParser
import LibEvent
import System

/// `evrelay secret`: makes a secret that links are signed with.
struct SecretCommand: DescribedCommand {
    static let title = (name: "secret", abstract: "Makes a secret to sign links with.")
    static let usage = "[--output FILE]"
    static let explanation = """
        The server reads it with --token-secret. Whoever has it can make links for everything, so it is for the server \
        and for back ends that sign. A new secret ends all links of the old one.
        """
    static let examples = ["evrelay secret --output /etc/evrelay/token-secret"]
    static let flags = [output]

    private static let output = CommandFlag(
        "output", "file", "Write it to a new file that only this user may read, in place of standard output.")

    @Option(flag: Self.output) var output: String?

    func run() throws {
        let secret = TokenSecret.make()
        guard let output else { return print(secret) }
        do throws(SystemError) {
            try FileWriting.create(output, Array("\(secret)\n".utf8), mode: 0o600)
        } catch {
            guard !FileWriting.isThere(output) else {
                throw CommandFailure.ending(
                    "\(output) is already there. A new secret ends all links signed with the old one; "
                        + "remove the file first if that is wanted.", status: 73)
            }
            throw CommandFailure.ending("\(error)", status: 73)
        }
        CommandFailure.say("Start evrelay with \(Setting.tokenSecret.flag) \(output).")
    }
}
