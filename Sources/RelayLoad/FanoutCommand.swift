// SPDX-License-Identifier: MIT
import ArgumentParser
import LibEvent
import System

/// The command `relayload fanout`.
struct FanoutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fanout",
        abstract: "Viewers watch while cameras send.",
        discussion: """
            Every received frame is compared with what was sent, byte by byte. Exit status 1: a healthy viewer lost a \
            frame or was disconnected, or any frame was torn, mixed, unknown or out of order, or an upload was refused.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Option(help: "Viewers, the slow and the stalled among them: 1 to 100000.")
    var viewers = 500

    @Option(help: "Frames a second and camera: 0.1 to 1000.")
    var fps = 10.0

    @Option(help: "Measured seconds: 0.5 to 3600.")
    var seconds = 15.0

    @Option(help: "Seconds before measuring begins, with all viewers and cameras at work: 0 to 600.")
    var warmUp = 2.0

    @Option(help: "Viewers that read nothing behind the response head.")
    var stalled = 0

    @Option(help: "Viewers that read at --slow-rate.")
    var slow = 0

    @Option(help: "Bytes a second that a slow viewer reads, e.g. 300KB; 1KB to 100MB.")
    var slowRate = ByteCount(300_000)

    @Option(help: "Cameras, each with one uploader: 1 to 1000. Viewers are spread over them.")
    var cameras = 1

    @Option(help: "SO_RCVBUF of each viewer in bytes; the kernel's choice if left out.")
    var receiveBuffer: ByteCount?

    @Option(help: "The server's process: its processor time and memory are reported.")
    var pid: Int32?

    func validate() throws {
        try require((1...100_000).contains(viewers), "--viewers must be 1 to 100000.")
        try require((0.1...1000).contains(fps), "--fps must be 0.1 to 1000.")
        try require((0.5...3600).contains(seconds), "--seconds must be 0.5 to 3600.")
        try require((0...600).contains(warmUp), "--warm-up must be 0 to 600.")
        try require((1...1000).contains(cameras), "--cameras must be 1 to 1000.")
        try require(stalled >= 0 && slow >= 0, "--stalled and --slow must not be negative.")
        try require(stalled + slow <= viewers, "--stalled and --slow together must be at most --viewers.")
        try require((1000...100_000_000).contains(slowRate.bytes), "--slow-rate must be 1KB to 100MB.")
    }

    func run() throws {
        let limit = ProcessControl.raiseDescriptorLimit()
        guard limit > viewers + cameras + 20 else {
            throw ValidationError("\(viewers) viewers need more than the \(limit) descriptors allowed: ulimit -n.")
        }
        let plan = LoadPlan(
            address: connection.url.address, tls: try connection.makeTLS(), httpVersion: connection.http,
            viewers: viewers, stalled: stalled,
            slow: slow, slowBytesPerSecond: slowRate.bytes, cameras: cameras, cameraPrefix: connection.cameraPrefix,
            framesPerSecond: fps, frameBytes: connection.frameBytes.bytes, receiveBufferBytes: receiveBuffer?.bytes)
        let result = try FanoutRun(
            plan: plan, warmUp: .seconds(warmUp), measured: .seconds(seconds), serverID: pid
        ).run()
        RelayLoadCommand.report(result.metrics)
        if result.isFaulty { throw ExitCode.failure }
    }

    private func require(_ condition: Bool, _ message: String) throws {
        guard condition else { throw ValidationError(message) }
    }
}
