// SPDX-License-Identifier: MIT
import ArgumentParser
import LibEvent
import System

/// The command `relayload idle`.
struct IdleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract: "Viewers wait for a camera, then see one frame: what memory each costs the server.")

    @OptionGroup var connection: ConnectionOptions

    @Option(help: "Viewers: 1 to 100000.")
    var viewers = 500

    @Option(help: "Seconds that the server may settle before its memory is read: 0 to 600.")
    var settle = 1.0

    @Option(help: "The server's process.")
    var pid: Int32

    func validate() throws {
        guard (1...100_000).contains(viewers) else { throw ValidationError("--viewers must be 1 to 100000.") }
        guard (0...600).contains(settle) else { throw ValidationError("--settle must be 0 to 600.") }
    }

    func run() throws {
        let limit = ProcessControl.raiseDescriptorLimit()
        guard limit > viewers + 20 else {
            throw ValidationError("\(viewers) viewers need more than the \(limit) descriptors allowed: ulimit -n.")
        }
        let plan = LoadPlan(
            address: connection.url.address, tls: try connection.makeTLS(), httpVersion: connection.http,
            viewers: viewers,
            cameraPrefix: connection.cameraPrefix, framesPerSecond: 1, frameBytes: connection.frameBytes.bytes)
        RelayLoadCommand.report(try IdleRun(plan: plan, serverID: pid, settle: .seconds(settle)).run())
    }
}
