// SPDX-License-Identifier: MIT

extension Setting {
    static let listen = Setting(
        name: "listen", group: .listening, valueName: "address", defaultText: text(Configuration().listen),
        acceptedText: "HOST:PORT, [V6]:PORT, :PORT or unix:PATH; repeatable",
        summary: "Address to accept connections on. HOST is numeric or localhost; port 0 takes a free one.",
        isRepeatable: true
    ) { (values, configuration) throws(ValueError) in
        configuration.listen = []
        for value in values {
            let address = try ListenAddress(parsing: value)
            guard !configuration.listen.contains(address) else { throw ValueError(value, "given twice") }
            configuration.listen.append(address)
        }
    }
    static let threads = count(
        "threads", .listening, \.threads, 1...256, "Event loops, each on its own thread.",
        defaultText: "one per core")

    static let allowOrigin = Setting(
        name: "allow-origin", group: .access, valueName: "origin", defaultText: "none",
        acceptedText: "scheme://host[:port] or *; repeatable",
        summary: "Other origin whose pages may upload and read.", isRepeatable: true
    ) { (values, configuration) throws(ValueError) in
        configuration.allowedOrigins = AllowedOrigins()
        for value in values { try configuration.allowedOrigins.insert(parsing: value) }
    }
    static let openPublishing = Setting(
        name: "open-publishing", group: .access, valueName: nil, defaultText: "off",
        acceptedText: "as a variable: on or off",
        summary: "Anybody may publish, not only this machine."
    ) { (values, configuration) throws(ValueError) in
        for value in values { configuration.isPublishingOpen = try Switch.parse(value) }
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
    static let maxFrameBytes = size(
        "max-frame-bytes", .limits, \.limits.maxFrameBytes, (1 << 10)...(64 << 20), "One frame.")
    static let frameMemory = size(
        "frame-memory", .limits, \.limits.frameMemoryBytes, (1 << 20)...(64 << 30),
        "All frames held in memory; at least four times --max-frame-bytes.")
    static let maxHeaderBytes = size(
        "max-header-bytes", .limits, \.limits.maxHeaderBytes, 512...(64 << 10), "A request's head.")
    static let maxHeaderFields = count(
        "max-header-fields", .limits, \.limits.maxHeaderFields, 8...1000, "Fields in a request's head.")

    static let headerTimeout = time(
        "header-timeout", .times, \.timeouts.header, .milliseconds(100) ... .minutes(10),
        "For a request's whole head.")
    static let bodyTimeout = time(
        "body-timeout", .times, \.timeouts.body, .milliseconds(100) ... .hours(1),
        "For the whole body of an upload, or one frame of a streaming upload.")
    static let idleTimeout = time(
        "idle-timeout", .times, \.timeouts.idle, .milliseconds(100) ... .hours(1),
        "Between two requests of a connection.")
    static let stallTimeout = time(
        "stall-timeout", .times, \.timeouts.stall, .milliseconds(100) ... .hours(1),
        "A viewer that accepts no byte for this long is disconnected.")
    static let drainTimeout = time(
        "drain-timeout", .times, \.timeouts.drain, .zero ... .minutes(10),
        "To finish what is under way after SIGTERM or SIGINT.")

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

    static let webRoot = Setting(
        name: "web-root", group: .operation, valueName: "dir", defaultText: "built-in pages",
        acceptedText: "a folder", summary: "Folder to read the pages from on each request."
    ) { (values, configuration) throws(ValueError) in
        for value in values {
            guard !value.isEmpty else { throw ValueError(value, "empty") }
            configuration.webRoot = value
        }
    }
    static let logLevel = Setting(
        name: "log-level", group: .operation, valueName: "level", defaultText: Configuration().logLevel.rawValue,
        acceptedText: LogLevel.allCases.map(\.rawValue).joined(separator: ", "),
        summary: "The least serious level that is logged."
    ) { (values, configuration) throws(ValueError) in
        for value in values {
            guard let level = LogLevel(rawValue: value) else { throw ValueError(value, "not a level") }
            configuration.logLevel = level
        }
    }

    /// Every setting, in the order of `--help` and of the reference.
    static let all: [Setting] = [
        listen, threads,
        allowOrigin, openPublishing,
        maxConnections, maxConnectionsPerAddress, maxViewers, maxViewersPerCamera, maxCameras, maxFrameBytes,
        frameMemory, maxHeaderBytes, maxHeaderFields,
        headerTimeout, bodyTimeout, idleTimeout, stallTimeout, drainTimeout,
        staleAfter, offlineAfter, forgetAfter, repeatAfter,
        webRoot, logLevel,
    ]

    private static func text(_ addresses: [ListenAddress]) -> String {
        addresses.map(\.description).joined(separator: ",")
    }
}

extension Duration {
    fileprivate static func minutes(_ minutes: Int) -> Duration { .seconds(60 * minutes) }
    fileprivate static func hours(_ hours: Int) -> Duration { .seconds(3600 * hours) }
}
