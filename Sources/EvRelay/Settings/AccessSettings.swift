// SPDX-License-Identifier: MIT
import WireFormat

/// The settings of rights, origins and proxies.
enum AccessSettings {
    static let rows: [Setting] = [
        .keys,
        .tokenSecret,
        .time(
            "token-leeway", .access(30), \.access.tokenLeeway, .zero ... .minutes(10),
            "How far the clock of whoever signs links may be off."),
        .toggle(
            "open-publishing", .access(40), \.isPublishingOpen, "Anybody may publish, without a key and from anywhere."),
        .isPrivate,
        .list(
            "allow-origin", .access(70), .origin, \.allowedOrigins, "Other origin whose pages may upload and read.",
            empty: AllowedOrigins(), defaultText: "none", texts: \.texts
        ) { (origins, value) throws(ValueError) in
            try origins.insert(parsing: value)
        },
        .list(
            "allow-host", .access(90), .host, \.access.allowedHosts,
            "Name of this server that clients on its own network may use without a key.", empty: [],
            defaultText: "local names, addresses and certificates' names", texts: { $0.sorted() }
        ) { (hosts, value) throws(ValueError) in
            hosts.insert(try HostName.parse(value))
        },
        .list(
            "trusted-proxy", .access(100), .network, \.trustedProxies,
            "Proxy whose X-Forwarded-For and X-Forwarded-Proto count.", empty: TrustedProxies(), defaultText: "none",
            texts: \.texts
        ) { (proxies, value) throws(ValueError) in
            try proxies.insert(parsing: value)
        },
        .publicURL,
        .maxKeys,
        .count(
            "max-key-failures", .limits(70), \.access.maxKeyFailures, 1...1_000_000,
            "Wrong keys of one IPv4 address or IPv6 /64 until it is refused."),
        .time(
            "key-failure-time", .times(60), \.access.keyFailureTime, .seconds(1) ... .hours(24),
            "For this long wrong keys are remembered, and an address with too many is refused."),
    ]
}

extension Setting {
    static let keys = file(
        "keys", .access(10), \.access.keysPath, "File of keys with their rights and cameras.")
    static let tokenSecret = file(
        "token-secret", .access(20), \.access.tokenSecretPath, "File with the secret that links are signed with.")
    static let isPrivate = toggle(
        "private", .access(50), \.access.isPrivate, "Viewing and observing need a right, too.")
    static let publicURL = single(
        "public-url", .access(110), .url, \.publicURL, "Where clients reach the server, for links.",
        defaultText: "unknown", text: { $0?.description }
    ) { (value) throws(ValueError) in
        try PublicURL(parsing: value)
    }
    static let maxKeys = count("max-keys", .limits(60), \.access.maxKeys, 1...100_000, "Lines of the file of keys.")
}
