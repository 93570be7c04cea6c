// SPDX-License-Identifier: MIT
import ArgumentParser
import Crypto
import LibEvent
import System
import WireFormat

/// `evrelay certificate`: makes, keeps and shows the certificate of `--tls-self-signed`.
struct CertificateCommand: DescribedCommand {
    static let title = (name: "certificate", abstract: "Makes or shows the certificate that this machine signs itself.")
    static let usage = "[--directory DIR] [--name NAME ...] [--days N] [--renew]"
    static let explanation = """
        It is for this machine's name and addresses, and is the one that --tls-self-signed serves with. One that is \
        there is kept until thirty days before its end.
        """
    static let examples = ["evrelay certificate --name cam.example.org"]
    static let flags = [directory, name, days, renew]

    private static let directory = CommandFlag(
        "directory", "dir",
        "Where it is. Default: $STATE_DIRECTORY, else evrelay in $XDG_STATE_HOME, else in $HOME/.local/state.")
    private static let name = CommandFlag(
        "name", "name", "Another name or address that a new one is for; repeatable.")
    private static let acceptedDays =
        "\(SelfSignedPair.acceptedDays.lowerBound) to \(SelfSignedPair.acceptedDays.upperBound)"
    private static let days = CommandFlag(
        "days", "n", "How long a new one holds: \(acceptedDays). Default: \(SelfSignedPair.defaultDays).")
    private static let renew = CommandFlag("renew", nil, "Make a new one, whatever is there.")

    @Option(flag: Self.directory) var directory: String?
    @Option(flag: Self.name) var name: [String] = []
    @Option(flag: Self.days) var days: String?
    @Flag(flag: Self.renew) var renew = false

    func run() throws {
        guard let folder = directory ?? StateFolder.path(ProcessEnvironment.all()), !folder.isEmpty else {
            throw CommandFailure.ending("there is no folder for it: --directory, or \(StateFolder.advice)", status: 78)
        }
        let names: CertificateNames
        let wanted: [String]
        do throws(ValueError) {
            names = try CertificateNames.ofThisMachine(wanted: name)
            var texts: [String] = []
            for text in name { texts.append(try CertificateNames.name(text).text) }
            wanted = texts
        } catch {
            throw CommandFailure.wrong(
                Self.name, error.value, error.reason, accepted: "a host name, or an address in digits")
        }
        let made: SelfSignedPair
        do throws(ConfigurationError) {
            made = try SelfSignedPair.obtain(
                in: folder, for: names, days: try wantedDays(), isRenewing: renew,
                nowSeconds: SystemClock.nowMicroseconds() / 1_000_000)
        } catch {
            throw CommandFailure.ending(error)
        }
        show(made.pair, folder)
        if let missing = wanted.first(where: { !made.pair.names.contains($0) }) {
            throw CommandFailure.ending(
                "the certificate in \(folder) is not for \(missing); --renew makes a new one", status: 78)
        }
        advise(made, names)
    }

    private func wantedDays() throws(ConfigurationError) -> Int {
        guard let days else { return SelfSignedPair.defaultDays }
        do throws(ValueError) {
            let number = try WholeNumber.parse(days)
            guard SelfSignedPair.acceptedDays.contains(number) else { throw ValueError(days, "out of range") }
            return number
        } catch {
            throw .wrongValue(
                source: .flag(Self.days.flag), value: error.value, reason: error.reason, accepted: Self.acceptedDays)
        }
    }

    private func show(_ pair: TLSPair, _ folder: String) {
        print("certificate: \(SelfSignedPair.certificatePath(folder))")
        print("key: \(SelfSignedPair.keyPath(folder))")
        print("names: \(pair.names.joined(separator: ", "))")
        print("expires: \(HTTPDate.iso8601Milliseconds(microseconds: pair.expires * 1_000_000).prefix(19))Z")
        print("fingerprint: \(pair.fingerprint)")
    }

    private func advise(_ made: SelfSignedPair, _ names: CertificateNames) {
        switch made.outcome {
        case .made: CommandFailure.say("Made. A running server takes it over with SIGHUP.")
        case .renewed:
            CommandFailure.say("Renewed, since the old one's time ends. A running server takes it over with SIGHUP.")
        case .kept: CommandFailure.say("Kept as it was; --renew makes a new one.")
        }
        let missing = names.all.map(\.text).filter { !made.pair.names.contains($0) }
        guard !missing.isEmpty else { return }
        CommandFailure.say("It is not for \(missing.joined(separator: ", ")), which this machine has now.")
    }
}
