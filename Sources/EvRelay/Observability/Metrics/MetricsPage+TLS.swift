// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import WireFormat

extension MetricsPage {
    /// Writes the metrics of TLS: handshakes, connections by the code that encrypts, and the expiry of certificates.
    func encryption(_ page: inout MetricsText) {
        labelled(&page, "evrelay_tls_handshakes_total", "result", "TLS handshakes by how they ended.") {
            $0.handshakes
        }
        labelled(
            &page, "evrelay_tls_connections_total", "encrypted_by",
            "TLS connections by who encrypts what they are sent."
        ) {
            $0.encryptions
        }
        page.gauges(
            "evrelay_tls_certificate_expiry_timestamp_seconds",
            help: "When a certificate's time ends, seconds since 1970."
        ) { samples in
            for (index, pair) in (relay.tls.context?.pairs ?? []).enumerated() {
                samples.sample(Double(pair.expires), ["certificate": "\(index + 1)", "name": pair.names.first ?? ""])
            }
        }
    }
}
