// SPDX-License-Identifier: MIT

/// The settings of connections, their requests and the log.
enum ServerSettings {
    static let rows: [Setting] = [
        .listen,
        .count(
            "threads", .listening(20), \.threads, 1...256, "Event loops, each on its own thread.",
            defaultText: "one per core", needsRestart: true),
        .count(
            "max-connections", .limits(10), \.limits.maxConnections, 1...1_000_000,
            "All connections, whatever they do."),
        .count(
            "max-connections-per-address", .limits(20), \.limits.maxConnectionsPerAddress, 1...1_000_000,
            "Connections of one IPv4 address or IPv6 /64; unix sockets are exempt."),
        .size(
            "answer-memory", .limits(100), \.limits.answerMemoryBytes, (1 << 20)...(64 << 30),
            "All other answers that wait to be sent, of all connections."),
        .size(
            "max-pending-answer", .limits(110), \.limits.maxPendingAnswerBytes, (64 << 10)...(1 << 30),
            "Answers that wait to be sent on one connection."),
        .size(
            "max-header-bytes", .limits(130), \.limits.maxHeaderBytes, 512...(64 << 10), "A request's head.",
            needsRestart: true),
        .count(
            "max-header-fields", .limits(140), \.limits.maxHeaderFields, 8...1000, "Fields in a request's head.",
            needsRestart: true),
        .time(
            "header-timeout", .times(10), \.timeouts.header, .milliseconds(100) ... .minutes(10),
            "For a request's whole head."),
        .time(
            "idle-timeout", .times(30), \.timeouts.idle, .milliseconds(100) ... .hours(1),
            "Between two requests of a connection."),
        .time(
            "drain-timeout", .times(50), \.timeouts.drain, .zero ... .minutes(10),
            "To finish what is under way after SIGTERM or SIGINT."),
        .word(
            "log-level", .operation(20), \.logLevel, "The least serious level that is logged.", valueName: "level"),
        .word(
            "log-format", .operation(30), \.logFormat, "How log lines are written.", valueName: "format",
            needsRestart: true),
    ]
}

extension Setting {
    static let listen = addresses(
        "listen", .listening(10), \.listen,
        "Address to accept connections on. HOST is numeric or localhost; port 0 takes a free one; systemd takes the "
            + "sockets of the service's socket unit.")
}
