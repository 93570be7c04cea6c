// SPDX-License-Identifier: MIT
import WireFormat

/// The endpoints by which the doctor measures a path: its page in a browser, and `evrelay doctor` in a terminal. Nothing
/// here touches a camera, so everybody may ask.
struct Echo: Feature {
    var routes: [Route] {
        [
            Route(name: "doctor info", address: .words("doctor", "info")) { _, call in EchoHandler(call: call).info() },
            Route(name: "doctor stream", address: .words("doctor", "stream")) { _, call in
                EchoHandler(call: call).stream()
            },
            Route(name: "doctor echo", address: .words("doctor", "echo"), methods: [.post]) { _, call in
                EchoHandler(call: call).echo()
            },
            Route(name: "doctor findings", address: .words("doctor", "findings"), methods: [.post]) { _, call in
                EchoHandler(call: call).findings()
            },
            Route(name: "doctor socket", address: .words("doctor", "socket")) { _, call in
                EchoHandler(call: call).socket()
            },
        ]
    }

    var metrics: [Metric] {
        [
            .gauge("evrelay_doctors", "Connections that a doctor measures.") { $0.relay.doctors.taken },
            .gauge("evrelay_doctors_limit", "--max-doctors.") { $0.relay.doctors.limit },
        ]
    }
}
