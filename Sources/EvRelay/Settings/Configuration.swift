// SPDX-License-Identifier: MIT
import Cameras
import WireFormat

/// The settings of this run, each a checked value with its unit.
///
/// A field's initial value is its setting's default; `Setting` adds name, range and help text. Immutable once the
/// service runs, so every thread may read it.
struct Configuration: Sendable, Equatable {
    /// The addresses that accept connections without TLS; never empty.
    var listen: [ListenAddress] = [.internet(.everyAddress, port: 30333)]
    /// Certificates, and the addresses that accept connections with TLS.
    var tls = TLS()
    /// The number of event loops, each on its own thread; the default is one per usable core, at most 256.
    var threads: Int
    /// Other origins whose pages may upload and read.
    var allowedOrigins = AllowedOrigins()
    /// True when anybody may publish, not only this machine and clients with a key or link.
    var isPublishingOpen = false
    /// Keys, signed links, and the rights that need one.
    var access = Access()
    /// The treatment of a second publisher of a camera.
    var takeover = Takeover.replace
    /// Sites that may show the pages in a frame.
    var frameAncestors = FrameAncestors()
    /// The URL at which clients reach the server, for links; nil if it is not set.
    var publicURL: PublicURL?
    /// The proxies that are trusted to name the client.
    var trustedProxies = TrustedProxies()
    /// Limits of counts and sizes.
    var limits = Limits()
    /// Time limits of connections.
    var timeouts = Timeouts()
    /// Ages of a camera's latest frame at which its state changes.
    var ages = Ages()
    /// The folder from which the pages are read on each request; `nil` serves those inside the binary.
    var webRoot: String?
    /// The least serious level that is logged.
    var logLevel = LogLevel.info
    /// The format of log lines.
    var logFormat = LogFormat.text

    /// Creates the defaults for a machine with `cores` usable cores.
    init(cores: Int = 1) {
        threads = min(max(cores, 1), 256)
    }
}

extension Configuration {
    /// Settings of encrypted connections.
    struct TLS: Sendable, Equatable {
        /// The configured addresses for TLS; empty for the default if there is a certificate.
        var listen: [ListenAddress] = []
        /// Files with certificate chains; the n-th belongs to the n-th key. The first is for clients that name no host.
        var certificates: [String] = []
        /// Files with private keys.
        var keys: [String] = []
        /// True when the server makes a certificate by itself.
        var isSelfSigned = false
        /// The port to which requests for pages without TLS are redirected; nil if the pages are served.
        var redirectPort: Int?
        /// The time for which browsers are told to use TLS only; zero if they are not told so.
        var hsts = Duration.zero

        /// The addresses used if there is a certificate and `listen` is empty.
        static let defaultListen = [ListenAddress.internet(.everyAddress, port: 30443)]

        /// True when there is, or will be, a certificate to serve with.
        var hasCertificate: Bool { isSelfSigned || !certificates.isEmpty }

        /// The addresses that accept connections with TLS.
        var addresses: [ListenAddress] { listen.isEmpty && hasCertificate ? Self.defaultListen : listen }
    }

    /// Settings of the rights to publish, view and observe.
    struct Access: Sendable, Equatable {
        /// The file of keys: a path, or `credential:NAME`.
        var keysPath: String?
        /// The file with the secret that links are signed with: a path, or `credential:NAME`.
        var tokenSecretPath: String?
        /// The accepted difference from the clock of a link's signer.
        var tokenLeeway = Duration.seconds(30)
        /// True when viewing and observing need a key or link, too.
        var isPrivate = false
        /// Additional names of this server that pass the check against DNS rebinding, in lower case.
        var allowedHosts: Set<String> = []
        /// The most keys in the file of keys.
        var maxKeys = 1000
        /// The number of wrong keys from which on an address is refused.
        var maxKeyFailures = 10
        /// The time for which wrong keys are remembered.
        var keyFailureTime = Duration.seconds(600)
    }

    /// Upper limits of counts and sizes.
    struct Limits: Sendable, Equatable {
        /// Connections of every kind.
        var maxConnections = 4096
        /// Connections of one IPv4 address or one IPv6 /64; unix sockets are exempt.
        var maxConnectionsPerAddress = 256
        /// Viewers of all cameras together.
        var maxViewers = 2000
        /// Viewers of one camera.
        var maxViewersPerCamera = 2000
        /// Cameras known at the same time.
        var maxCameras = 64
        /// The size of one frame, in bytes.
        var maxFrameBytes = 5 << 20
        /// The bytes of all frames held, including those still on their way to slow viewers.
        var frameMemoryBytes = 256 << 20
        /// Pending bytes of answers other than frames, of all connections together.
        var answerMemoryBytes = 32 << 20
        /// Pending bytes of answers other than frames, of one connection.
        var maxPendingAnswerBytes = 4 << 20
        /// The doctor's concurrent streams, echo uploads and WebSockets.
        var maxDoctors = 16
        /// The size of a request's head (its line and fields), in bytes.
        var maxHeaderBytes = 8 << 10
        /// Fields in a request's head.
        var maxHeaderFields = 64
    }

    /// Time limits. `header` and `body` are totals, not limits per read: a trickle of bytes does not extend them.
    struct Timeouts: Sendable, Equatable {
        /// Time for a request's whole head, on a new connection counted from its acceptance.
        var header: Duration = .seconds(10)
        /// Time for the body of an upload; in a streaming upload, from one frame to the next.
        var body: Duration = .seconds(30)
        /// Time between two requests of a connection.
        var idle: Duration = .seconds(60)
        /// Time without an accepted byte after which a viewer is disconnected.
        var stall: Duration = .seconds(20)
        /// Time to finish open requests and streams after SIGTERM or SIGINT.
        var drain: Duration = .seconds(4)
    }

    /// Ages of a camera's latest frame at which its state changes: stale ≤ offline ≤ forget.
    struct Ages: Sendable, Equatable {
        /// The age from which the camera is stale.
        var stale: Duration = .seconds(3)
        /// The age from which the camera is offline.
        var offline: Duration = .seconds(15)
        /// The age from which a camera without viewers is forgotten.
        var forget: Duration = .seconds(600)
        /// The time after which the latest frame of a still scene is sent again.
        var repeatLatest: Duration = .seconds(5)
    }
}
