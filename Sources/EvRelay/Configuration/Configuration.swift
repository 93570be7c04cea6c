// SPDX-License-Identifier: MIT

/// What is true for this run: every setting as a checked value with its unit.
///
/// A field's initial value is its setting's default; `SettingTable` adds name, range and words. Immutable once the
/// service runs, so every thread may read it.
struct Configuration: Sendable, Equatable {
    /// Where connections are accepted; never empty.
    var listen: [ListenAddress] = [.internet(.everyAddress, port: 30333)]
    /// Certificates, and where connections with TLS are accepted.
    var tls = TLS()
    /// Event loops, each on its own thread; the default is one per usable core.
    var threads: Int
    /// Other origins that may upload and read from a browser.
    var allowedOrigins = AllowedOrigins()
    /// Whether anybody may publish, not only this machine and those with a key.
    var isPublishingOpen = false
    /// Who may do what with a key or a signed link.
    var access = Access()
    /// What becomes of a second publisher of a camera.
    var takeover = Takeover.replace
    /// Sites that may show the pages in a frame.
    var frameAncestors = FrameAncestors()
    /// Where clients reach the server, as in links; nil if nobody has said so.
    var publicURL: PublicURL?
    /// The proxies whose word about the client counts.
    var trustedProxies = TrustedProxies()
    /// How much of everything.
    var limits = Limits()
    /// How long the other side may take.
    var timeouts = Timeouts()
    /// Ages of a camera's latest frame.
    var ages = Ages()
    /// The folder the pages are read from on each request; `nil` serves those inside the binary.
    var webRoot: String?
    /// The least serious level that is logged.
    var logLevel = LogLevel.info
    /// How log lines are written.
    var logFormat = LogFormat.text

    /// The defaults, for a machine with `cores` usable cores.
    init(cores: Int = 1) {
        threads = min(max(cores, 1), 256)
    }
}

extension Configuration {
    /// Encrypted connections.
    struct TLS: Sendable, Equatable {
        /// Where connections with TLS are accepted; empty for the default where there is a certificate.
        var listen: [ListenAddress] = []
        /// Files with certificate chains; the n-th belongs to the n-th key. The first is for clients that name no host.
        var certificates: [String] = []
        /// Files with private keys.
        var keys: [String] = []
        /// Whether the server makes a certificate by itself.
        var isSelfSigned = false
        /// The port to which pages asked for without TLS are redirected; nil if they are served.
        var redirectPort: Int?
        /// For how long browsers shall use TLS only; zero if they are not told so.
        var hsts = Duration.zero

        /// Used where there is a certificate and no address is named.
        static let defaultListen = [ListenAddress.internet(.everyAddress, port: 30443)]

        /// Whether there is, or will be, a certificate to serve with.
        var hasCertificate: Bool { isSelfSigned || !certificates.isEmpty }

        /// Where connections with TLS are accepted.
        var addresses: [ListenAddress] { listen.isEmpty && hasCertificate ? Self.defaultListen : listen }
    }

    /// Who may publish, view and observe.
    struct Access: Sendable, Equatable {
        /// The file of keys.
        var keysPath: String?
        /// The file of the secret that links are signed with.
        var tokenSecretPath: String?
        /// How far the clock of whoever signs links may be off.
        var tokenLeeway = Duration.seconds(30)
        /// Whether viewing and observing need a right, too.
        var isPrivate = false
        /// Names of this server that need no check against DNS rebinding; lower case.
        var allowedHosts: Set<String> = []
        /// Lines of the file of keys.
        var maxKeys = 1000
        /// Wrong keys of one address until it is refused.
        var maxKeyFailures = 10
        /// How long wrong keys are remembered.
        var keyFailureTime = Duration.seconds(600)
    }

    /// Counts and sizes that nobody can exceed.
    struct Limits: Sendable, Equatable {
        /// All connections, whatever they do.
        var maxConnections = 4096
        /// Connections of one IPv4 address or one IPv6 /64; unix sockets are exempt.
        var maxConnectionsPerAddress = 256
        /// Viewers of all cameras together.
        var maxViewers = 2000
        /// Viewers of one camera.
        var maxViewersPerCamera = 2000
        /// Cameras known at the same time.
        var maxCameras = 64
        /// One frame.
        var maxFrameBytes = 5 << 20
        /// All frames held, also those still on their way to slow viewers.
        var frameMemoryBytes = 256 << 20
        /// Bytes of answers other than frames that wait to be sent, of all connections together.
        var answerMemoryBytes = 32 << 20
        /// Bytes of such answers that may wait for one connection.
        var maxPendingAnswerBytes = 4 << 20
        /// The doctor's streams, echo uploads and WebSockets at a time.
        var maxDoctors = 16
        /// A request's head: its line and fields.
        var maxHeaderBytes = 8 << 10
        /// Fields in a request's head.
        var maxHeaderFields = 64
    }

    /// Totals from the first to the last byte, not per read: a drip of bytes does not extend them.
    struct Timeouts: Sendable, Equatable {
        /// A request's head.
        var header: Duration = .seconds(10)
        /// The body of an upload; of a streaming upload each frame.
        var body: Duration = .seconds(30)
        /// Between two requests of a connection.
        var idle: Duration = .seconds(60)
        /// A viewer that accepts no byte.
        var stall: Duration = .seconds(20)
        /// Finishing what is under way after SIGTERM.
        var drain: Duration = .seconds(4)
    }

    /// When a camera's state changes, counted from its latest frame: stale ≤ offline ≤ forget.
    struct Ages: Sendable, Equatable {
        /// From here the camera is stale.
        var stale: Duration = .seconds(3)
        /// From here the camera is offline.
        var offline: Duration = .seconds(15)
        /// From here the camera is forgotten when nobody watches.
        var forget: Duration = .seconds(600)
        /// A still scene's latest frame is sent again after this.
        var repeatLatest: Duration = .seconds(5)
    }
}
