// SPDX-License-Identifier: MIT
import Cameras
import WireFormat

extension Setting {
    static let listen = Setting(
        "listen", .listening, \.listen,
        "Address to accept connections on. HOST is numeric or localhost; port 0 takes a free one; systemd takes the "
            + "sockets of the service's socket unit.",
        valueName: "address", acceptedText: "HOST:PORT, [V6]:PORT, :PORT, unix:PATH or systemd; repeatable",
        isRepeatable: true, needsRestart: true, write: { $0.map(\.description) }, read: listenAddresses)
    static let threads = count(
        "threads", .listening, \.threads, 1...256, "Event loops, each on its own thread.",
        defaultText: "one per core", needsRestart: true)

    static let tlsListen = Setting(
        "tls-listen", .tls, \.tls.listen, "Address to accept connections with TLS on.",
        valueName: "address", defaultText: "[::]:30443 with a certificate, else none",
        acceptedText: "as --listen; systemd takes the sockets named *tls*; repeatable", isRepeatable: true,
        needsRestart: true, write: { $0.map(\.description) }, read: listenAddresses)
    static let tlsCertificate = files(
        "tls-certificate", .tls, \.tls.certificates,
        "Certificate chain in PEM; of several the client's wanted name decides.")
    static let tlsKey = files(
        "tls-key", .tls, \.tls.keys, "Private key in PEM of the certificate in the same place.")
    static let tlsSelfSigned = toggle(
        "tls-self-signed", .tls, \.tls.isSelfSigned, "Serve with a certificate that the server makes for itself.",
        needsRestart: true)
    static let httpsRedirect = single(
        "https-redirect", .tls, \.tls.redirectPort, "Send pages asked for without TLS to https on this port.",
        valueName: "port", defaultText: "off", acceptedText: "1 to 65535", text: { $0.map { "\($0)" } }
    ) { (value) throws(ValueError) in
        let port = try WholeNumber.parse(value)
        guard (1...65535).contains(port) else { throw ValueError(value, "out of range") }
        return port
    }
    static let hsts = time(
        "hsts", .tls, \.tls.hsts, .zero ... .hours(24 * 730),
        "Browsers that came by TLS shall use nothing else for this long; 0s does not say so.")

    static let keys = file(
        "keys", .access, \.access.keysPath, "File of keys with their rights and cameras.")
    static let tokenSecret = file(
        "token-secret", .access, \.access.tokenSecretPath, "File with the secret that links are signed with.")
    static let tokenLeeway = time(
        "token-leeway", .access, \.access.tokenLeeway, .zero ... .minutes(10),
        "How far the clock of whoever signs links may be off.")
    static let isPrivate = toggle(
        "private", .access, \.access.isPrivate, "Viewing and observing need a right, too.")
    static let takeover = word(
        "takeover", .access, \.takeover, "What a second publisher of a camera does: take over, or be refused.",
        valueName: "way")
    static let allowHost = Setting(
        "allow-host", .access, \.access.allowedHosts,
        "Name of this server that clients on its own network may use without a key.", valueName: "name",
        defaultText: "local names, addresses and certificates' names", acceptedText: "a host name; repeatable",
        isRepeatable: true, write: { $0.sorted() }
    ) { (values) throws(ValueError) in
        var hosts: Set<String> = []
        for value in values { hosts.insert(try HostName.parse(value)) }
        return hosts
    }
    static let frameAncestors = Setting(
        "frame-ancestors", .access, \.frameAncestors, "Other site that may show the pages in a frame.",
        valueName: "origin", defaultText: "this server's own pages",
        acceptedText: "scheme://host[:port], * or none; repeatable", isRepeatable: true, write: \.texts
    ) { (values) throws(ValueError) in
        var ancestors = FrameAncestors()
        for value in values { try ancestors.insert(parsing: value) }
        return ancestors
    }
    static let publicURL = single(
        "public-url", .access, \.publicURL, "Where clients reach the server, for links.", valueName: "url",
        defaultText: "unknown", acceptedText: "http(s)://host[:port][/path]", text: { $0?.description }
    ) { (value) throws(ValueError) in
        try PublicURL(parsing: value)
    }

    static let allowOrigin = Setting(
        "allow-origin", .access, \.allowedOrigins, "Other origin whose pages may upload and read.",
        valueName: "origin", defaultText: "none", acceptedText: "scheme://host[:port] or *; repeatable",
        isRepeatable: true, write: \.texts
    ) { (values) throws(ValueError) in
        var origins = AllowedOrigins()
        for value in values { try origins.insert(parsing: value) }
        return origins
    }
    static let openPublishing = toggle(
        "open-publishing", .access, \.isPublishingOpen, "Anybody may publish, without a key and from anywhere.")
    static let trustedProxy = Setting(
        "trusted-proxy", .access, \.trustedProxies, "Proxy whose X-Forwarded-For and X-Forwarded-Proto count.",
        valueName: "network", defaultText: "none",
        acceptedText: "ADDRESS, ADDRESS/BITS, or unix for proxies on unix sockets; repeatable", isRepeatable: true,
        write: \.texts
    ) { (values) throws(ValueError) in
        var proxies = TrustedProxies()
        for value in values { try proxies.insert(parsing: value) }
        return proxies
    }

    static let maxConnections = count(
        "max-connections", .limits, \.limits.maxConnections, 1...1_000_000,
        "All connections, whatever they do.")
    static let maxConnectionsPerAddress = count(
        "max-connections-per-address", .limits, \.limits.maxConnectionsPerAddress, 1...1_000_000,
        "Connections of one IPv4 address or IPv6 /64; unix sockets are exempt.")
    static let maxViewers = count(
        "max-viewers", .limits, \.limits.maxViewers, 1...1_000_000, "Viewers of all cameras together.")
    static let maxViewersPerCamera = count(
        "max-viewers-per-camera", .limits, \.limits.maxViewersPerCamera, 1...1_000_000, "Viewers of one camera.")
    static let maxCameras = count(
        "max-cameras", .limits, \.limits.maxCameras, 1...10_000, "Cameras known at the same time.")
    static let maxKeys = count("max-keys", .limits, \.access.maxKeys, 1...100_000, "Lines of the file of keys.")
    static let maxKeyFailures = count(
        "max-key-failures", .limits, \.access.maxKeyFailures, 1...1_000_000,
        "Wrong keys of one IPv4 address or IPv6 /64 until it is refused.")
    static let maxFrameBytes = size(
        "max-frame-bytes", .limits, \.limits.maxFrameBytes, (1 << 10)...(64 << 20), "One frame.")
    static let frameMemory = size(
        "frame-memory", .limits, \.limits.frameMemoryBytes, (1 << 20)...(64 << 30),
        "All frames held in memory; at least four times --max-frame-bytes.")
    static let answerMemory = size(
        "answer-memory", .limits, \.limits.answerMemoryBytes, (1 << 20)...(64 << 30),
        "All other answers that wait to be sent, of all connections.")
    static let maxPendingAnswer = size(
        "max-pending-answer", .limits, \.limits.maxPendingAnswerBytes, (64 << 10)...(1 << 30),
        "Answers that wait to be sent on one connection.")
    static let maxDoctors = count(
        "max-doctors", .limits, \.limits.maxDoctors, 0...10_000,
        "The doctor's streams, echoes and WebSockets at a time.")
    static let maxHeaderBytes = size(
        "max-header-bytes", .limits, \.limits.maxHeaderBytes, 512...(64 << 10), "A request's head.", needsRestart: true)
    static let maxHeaderFields = count(
        "max-header-fields", .limits, \.limits.maxHeaderFields, 8...1000, "Fields in a request's head.",
        needsRestart: true)

    static let headerTimeout = time(
        "header-timeout", .times, \.timeouts.header, .milliseconds(100) ... .minutes(10),
        "For a request's whole head.")
    static let bodyTimeout = time(
        "body-timeout", .times, \.timeouts.body, .milliseconds(100) ... .hours(1),
        "For the whole body of an upload, or from frame to frame of a streaming one.")
    static let idleTimeout = time(
        "idle-timeout", .times, \.timeouts.idle, .milliseconds(100) ... .hours(1),
        "Between two requests of a connection.")
    static let stallTimeout = time(
        "stall-timeout", .times, \.timeouts.stall, .milliseconds(100) ... .hours(1),
        "A viewer that accepts no byte for this long is disconnected.")
    static let drainTimeout = time(
        "drain-timeout", .times, \.timeouts.drain, .zero ... .minutes(10),
        "To finish what is under way after SIGTERM or SIGINT.")

    static let keyFailureTime = time(
        "key-failure-time", .times, \.access.keyFailureTime, .seconds(1) ... .hours(24),
        "For this long wrong keys are remembered, and an address with too many is refused.")

    static let staleAfter = time(
        "stale-after", .ages, \.ages.stale, .milliseconds(100) ... .hours(1), "From this age a camera is stale.")
    static let offlineAfter = time(
        "offline-after", .ages, \.ages.offline, .milliseconds(100) ... .hours(24),
        "From this age a camera is offline; not below --stale-after.")
    static let forgetAfter = time(
        "forget-after", .ages, \.ages.forget, .seconds(1) ... .hours(24 * 30),
        "From this age a camera nobody watches is forgotten; not below --offline-after.")
    static let repeatAfter = time(
        "repeat-after", .ages, \.ages.repeatLatest, .milliseconds(100) ... .hours(1),
        "A still scene's latest frame is sent again after this.")

    static let webRoot = single(
        "web-root", .operation, \.webRoot, "Folder to read the pages from on each request.", valueName: "dir",
        defaultText: "built-in pages", acceptedText: "a folder", needsRestart: true, text: { $0 }
    ) { (value) throws(ValueError) in
        guard !value.isEmpty else { throw ValueError(value, "empty") }
        return value
    }
    static let logLevel = word(
        "log-level", .operation, \.logLevel, "The least serious level that is logged.", valueName: "level")
    static let logFormat = word(
        "log-format", .operation, \.logFormat, "How log lines are written.", valueName: "format", needsRestart: true)

    /// Every setting, in the order of `--help` and of the reference.
    static let all: [Setting] = [
        listen, threads,
        tlsListen, tlsCertificate, tlsKey, tlsSelfSigned, httpsRedirect, hsts,
        keys, tokenSecret, tokenLeeway, openPublishing, isPrivate, takeover,
        allowOrigin, frameAncestors, allowHost, trustedProxy, publicURL,
        maxConnections, maxConnectionsPerAddress, maxViewers, maxViewersPerCamera, maxCameras, maxKeys,
        maxKeyFailures, maxFrameBytes, frameMemory, answerMemory, maxPendingAnswer, maxDoctors,
        maxHeaderBytes, maxHeaderFields,
        headerTimeout, bodyTimeout, idleTimeout, stallTimeout, drainTimeout, keyFailureTime,
        staleAfter, offlineAfter, forgetAfter, repeatAfter,
        webRoot, logLevel, logFormat,
    ]
}

extension Duration {
    fileprivate static func minutes(_ minutes: Int) -> Duration { .seconds(60 * minutes) }
    fileprivate static func hours(_ hours: Int) -> Duration { .seconds(3600 * hours) }
}
