// SPDX-License-Identifier: MIT

/// The cure of a fault. The lines of one remedy are printed once.
enum Remedy: String, Sendable, CaseIterable {
    /// The relay's state and its log.
    case start
    /// The addresses that a name resolves to.
    case name
    /// The listening sockets, and the firewall's rules.
    case firewall
    /// The proxy's complete section for the relay.
    case location
    /// No buffering in the proxy.
    case buffering
    /// WebSockets handed on by the proxy.
    case upgrade
    /// The proxy's limit of request bodies.
    case body
    /// The Host field handed on to the relay.
    case host
    /// The client named by the proxy.
    case forwarded
    /// The proxy trusted by the relay.
    case trust
    /// The scheme handed on to the relay.
    case scheme
    /// HTTP/1.1 between proxy and relay.
    case `protocol`
    /// A key to publish with, or publishing open to everybody.
    case publishing
    /// The site's origin named to the relay.
    case origin
    /// A certificate for the name.
    case certificate
    /// Pages over https: the relay's own certificate, or one for the name.
    case https
    /// The complete chain of the certificate.
    case chain
    /// A new certificate in place of the one that expires.
    case renewal
    /// Clocks set over the network.
    case clock
}

/// Lines for one program, ready to be copied.
struct RemedyLines: Equatable, Sendable {
    /// The program: `nginx`, `Caddy`, `EvRelay`, or empty for a shell.
    let program: String
    let lines: [String]
}

extension Remedy {
    private static let upstream = "127.0.0.1:30333"
    private static let forwarding = [
        "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
        "proxy_set_header X-Forwarded-Proto $scheme;",
    ]

    /// nginx without buffering and without a limit of bodies; a streaming upload is one body without an end.
    private static let passing = [
        "proxy_buffering off;", "proxy_request_buffering off;", "client_max_body_size 0;",
    ]

    /// Returns the lines for this relay.
    func lines(for target: DoctorTarget, info: RelayInfo?) -> [RemedyLines] {
        switch self {
        case .start: return [Self.shell("systemctl status evrelay", "journalctl --unit evrelay --lines 20")]
        case .name: return [Self.shell("getent ahosts \(target.host)")]
        case .firewall:
            return [
                Self.shell("ss --listening --tcp --numeric 'sport = :\(target.port)'", "ufw allow \(target.port)/tcp")
            ]
        case .location:
            let inside = [
                "proxy_pass http://\(Self.upstream)/;", "proxy_http_version 1.1;", "proxy_set_header Host $http_host;",
            ]
            return [
                Self.nginx(
                    Self.block("location \(target.prefix)", inside + Self.forwarding + Self.passing)),
                Self.handled(target),
            ]
        case .buffering:
            return [
                Self.inLocation(target, "proxy_buffering off;", "proxy_cache off;", "gzip off;"),
                Self.byItself(target, "no flush_interval: streams pass as they come"),
            ]
        case .upgrade:
            let map =
                ["# http { … }"] + Self.block("map $http_upgrade $evrelay_connection", ["default upgrade;", "'' '';"])
            return [
                Self.nginx(
                    map + [
                        "# location \(target.prefix) { … }", "proxy_http_version 1.1;",
                        "proxy_set_header Upgrade $http_upgrade;",
                        "proxy_set_header Connection $evrelay_connection;",
                    ]),
                Self.byItself(target),
            ]
        case .body:
            return [
                // No limit: a streaming upload is one body without an end.
                Self.inLocation(target, "client_max_body_size 0;", "proxy_request_buffering off;"),
                Self.byItself(target, "no request_body { max_size … }"),
            ]
        case .host:
            return [
                Self.inLocation(target, "proxy_set_header Host $http_host;"),
                Self.byItself(target),
            ]
        case .forwarded:
            return [Self.inLocation(target, Self.forwarding), Self.byItself(target), Self.trusting(info)]
        case .trust: return [Self.trusting(info)]
        case .scheme:
            return [
                Self.inLocation(target, "proxy_set_header X-Forwarded-Proto $scheme;"), Self.byItself(target),
                Self.trusting(info),
            ]
        case .protocol:
            return [
                Self.inLocation(target, "proxy_http_version 1.1;", "proxy_set_header Connection \"\";"),
                Self.byItself(target),
            ]
        case .publishing:
            return [Self.shell("evrelay key --rights publish --cameras '*'"), Self.setting("open-publishing", "on")]
        case .origin: return [Self.setting("allow-origin", target.origin)]
        case .certificate: return Self.certificate(target)
        case .https: return [Self.setting("tls-self-signed", "on")] + Self.certificate(target)
        case .chain: return [Self.nginx(["ssl_certificate /etc/letsencrypt/live/\(target.host)/fullchain.pem;"])]
        case .renewal: return [Self.shell("certbot renew", "systemctl reload nginx")]
        case .clock: return [Self.shell("timedatectl set-ntp true", "timedatectl status")]
        }
    }

    private static func shell(_ lines: String...) -> RemedyLines { RemedyLines(program: "", lines: lines) }

    private static func nginx(_ lines: [String]) -> RemedyLines { RemedyLines(program: "nginx", lines: lines) }

    private static func inLocation(_ target: DoctorTarget, _ lines: String...) -> RemedyLines {
        inLocation(target, lines)
    }

    private static func inLocation(_ target: DoctorTarget, _ lines: [String]) -> RemedyLines {
        nginx(["# location \(target.prefix) { … }"] + lines)
    }

    /// Returns Caddy's directives for the relay's part of the site.
    private static func handled(_ target: DoctorTarget) -> RemedyLines {
        let proxy = ["reverse_proxy \(upstream)"]
        return RemedyLines(
            program: "Caddy", lines: target.prefix == "/" ? proxy : block("handle_path \(target.prefix)*", proxy))
    }

    /// Returns Caddy's part for what it does by default.
    private static func byItself(
        _ target: DoctorTarget, _ why: String = "reverse_proxy does this by itself"
    ) -> RemedyLines {
        RemedyLines(program: "Caddy", lines: ["# \(why)"] + handled(target).lines)
    }

    /// Returns a setting as a line of the settings file and as a flag.
    private static func setting(_ flag: String, _ value: String) -> RemedyLines {
        let variable = "EVRELAY_" + flag.uppercased().replacing("-", with: "_")
        let typed = value == "on" ? "--\(flag)" : "--\(flag) \(value)"
        return RemedyLines(
            program: "EvRelay", lines: ["# /etc/evrelay/evrelay.conf", "\(variable)=\(value)", "# evrelay \(typed)"])
    }

    private static func trusting(_ info: RelayInfo?) -> RemedyLines {
        setting("trusted-proxy", info.map(\.peer).flatMap { $0.isEmpty ? nil : $0 } ?? "127.0.0.1")
    }

    private static func certificate(_ target: DoctorTarget) -> [RemedyLines] {
        let folder = "/etc/letsencrypt/live/\(target.host)"
        let server = block(
            "server",
            [
                "listen 443 ssl;", "server_name \(target.host);", "ssl_certificate \(folder)/fullchain.pem;",
                "ssl_certificate_key \(folder)/privkey.pem;", "# location \(target.prefix) { … }",
            ])
        return [RemedyLines(program: "Caddy", lines: block(target.host, handled(target).lines)), nginx(server)]
    }

    private static func block(_ head: String, _ lines: [String]) -> [String] {
        ["\(head) {"] + lines.map { "    \($0)" } + ["}"]
    }
}
