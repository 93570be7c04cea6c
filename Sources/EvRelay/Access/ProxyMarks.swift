// SPDX-License-Identifier: MIT
import WireFormat

/// The fields that reveal a proxy. A request with one of them does not count as coming from this machine, whatever its
/// peer.
///
/// Fields that programs add by themselves, such as those of tracing, are not among them. A client that adds one of
/// these fields loses a right and gains none. A proxy that adds none cannot be told from a program on its machine:
/// nginx's bare `proxy_pass` sends HTTP/1.0, its upstream's name as Host, and `Connection: close`, which any program
/// may send.
enum ProxyMarks {
    /// Returns true if `head` has one of the fields. Compares names in place: a head has some twenty, most of other
    /// lengths.
    static func are(on head: RequestHead) -> Bool { fields.contains { head.has($0) } }

    static let fields: [String] = [
        // RFC 7239, RFC 9110 section 7.6.3, RFC 8586.
        "forwarded", "via", "cdn-loop",
        // The custom before RFC 7239: Squid, Apache (mod_proxy_http), HAProxy, Caddy, Traefik, Envoy, Go's
        // ReverseProxy, AWS and Google load balancers, and fields that their documentation has one add in nginx.
        "x-forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-protocol",
        "x-forwarded-scheme", "x-forwarded-ssl", "x-forwarded-port", "x-forwarded-server", "x-forwarded-by",
        "x-forwarded-prefix", "x-forwarded-uri", "x-forwarded-method", "x-forwarded-user", "forwarded-for",
        "x-original-forwarded-for", "x-original-host", "x-original-proto", "x-original-uri", "x-original-url",
        // nginx (ngx_http_realip_module, ingress-nginx), Traefik, Phusion Passenger.
        "x-real-ip", "x-real-port", "x-scheme", "x-nginx-proxy",
        // Zeus and Riverbed, Rackspace, WebLogic, and others.
        "x-client-ip", "x-cluster-client-ip", "client-ip", "x-remote-ip", "x-remote-addr", "proxy-client-ip",
        "wl-proxy-client-ip", "x-proxyuser-ip", "x-proxy-id",
        // Akamai and Cloudflare (true-client-ip), Cloudflare, Fastly, Fly.io, CloudFront, Azure Front Door, IIS with
        // ARR, Google, Vercel, Netlify, DigitalOcean, Incapsula, Sucuri, Varnish.
        "true-client-ip", "akamai-origin-hop", "cf-connecting-ip", "cf-connecting-ipv6", "cf-ray", "cf-visitor",
        "cf-ipcountry", "fastly-client-ip", "fastly-ff", "fly-client-ip", "fly-forwarded-proto", "x-amz-cf-id",
        "cloudfront-viewer-address", "x-azure-clientip", "x-azure-socketip", "x-azure-fdid",
        "x-azure-ref", "x-arr-log-id", "x-arr-ssl", "front-end-https", "x-appengine-user-ip",
        "x-vercel-forwarded-for", "x-nf-client-connection-ip", "do-connecting-ip", "incap-client-ip",
        "x-sucuri-clientip", "x-varnish", "surrogate-capability",
        // Envoy and Istio, Linkerd, Tailscale, Kong.
        "x-envoy-external-address", "x-envoy-internal", "x-envoy-expected-rq-timeout-ms",
        "x-envoy-peer-metadata-id", "l5d-client-id", "tailscale-user-login", "x-consumer-id",
    ]
}
