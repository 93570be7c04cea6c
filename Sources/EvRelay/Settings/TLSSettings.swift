// SPDX-License-Identifier: MIT
import WireFormat

/// The settings of encrypted connections.
enum TLSSettings {
    static let rows: [Setting] = [
        .tlsListen,
        .tlsCertificate,
        .tlsKey,
        .tlsSelfSigned,
        .single(
            "https-redirect", .tls(50), .count(1...65535), \.tls.redirectPort,
            "Send pages asked for without TLS to https on this port.", valueName: "port", defaultText: "off",
            text: { $0.map { "\($0)" } }, parse: Setting.inside(1...65535, WholeNumber.parse)),
        .time(
            "hsts", .tls(60), \.tls.hsts, .zero ... .hours(24 * 730),
            "Browsers that came by TLS shall use nothing else for this long; 0s does not say so."),
    ]
}

extension Setting {
    static let tlsListen = addresses(
        "tls-listen", .tls(10), \.tls.listen, "Address to accept connections with TLS on.",
        defaultText: "[::]:30443 with a certificate, else none",
        acceptedText: "as --listen; systemd takes the sockets named *tls*")
    static let tlsCertificate = files(
        "tls-certificate", .tls(20), \.tls.certificates,
        "Certificate chain in PEM; of several the client's wanted name decides.")
    static let tlsKey = files(
        "tls-key", .tls(30), \.tls.keys, "Private key in PEM of the certificate in the same place.")
    static let tlsSelfSigned = toggle(
        "tls-self-signed", .tls(40), \.tls.isSelfSigned, "Serve with a certificate that the server makes for itself.",
        needsRestart: true)
}
