// SPDX-License-Identifier: MIT
import Cameras

/// The relay's state for programs: cameras, health and metrics.
struct Status: Feature {
    var routes: [Route] {
        [
            Route(name: "cameras", address: .words("cameras"), rights: [.observe, .view]) { _, call in
                StatusHandler(call: call).cameras()
            },
            Route(name: "camera", address: .named("cameras"), rights: [.observe, .view]) { match, call in
                StatusHandler(call: call).camera(match.reference.map(call.resolve) ?? .default)
            },
            Route(name: "health", address: .words("healthz")) { _, call in StatusHandler(call: call).health() },
            Route(name: "readiness", address: .words("readyz")) { _, call in StatusHandler(call: call).readiness() },
            Route(name: "metrics", address: .words("metrics"), rights: [.observe]) { _, call in
                StatusHandler(call: call).metrics()
            },
        ]
    }
}
