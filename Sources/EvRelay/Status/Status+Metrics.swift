// SPDX-License-Identifier: MIT
import Cameras
import Crypto
import LibEvent
import System
import WireFormat

// The metrics of what all features stand on: the process, its loops, its connections, and the cameras.
extension Status {
    var metrics: [Metric] { service + cameras + connections + encryption + process }

    private var service: [Metric] {
        [
            .gauges("evrelay_build_info", "Which version runs; always 1.") {
                $1.sample(1, ["version": Version.current, "libevent": EventLoop.libraryVersion])
            },
            .gauge("evrelay_ready", "1 while requests are welcome, 0 during a shutdown.") {
                $0.relay.isDraining ? 0 : 1
            },
            .gauge("evrelay_loops", "Event loops.") { $0.relay.loops },
            .histogram("evrelay_loop_lag_seconds", "How late the loops' regular timers ran.") { $0.loopLag },
            .known("evrelay_reloads_total") { page, moment in
                page.counters("evrelay_reloads_total", help: "Reloads of the settings by their result.") {
                    $0.sample(moment.relay.metrics.reloads.values, by: "result")
                }
            },
            .counter("evrelay_log_lines_lost_total", "Log lines that standard error did not take.") {
                $0.relay.lineWriter?.lostLines ?? 0
            },
            .counter(
                "evrelay_log_lines_left_out_total", "Log lines of visitors that were more than the log takes."
            ) { $0.relay.visitors.leftOut.value },
        ]
    }

    private var cameras: [Metric] {
        [
            .gauges("evrelay_cameras", "Cameras by the age of their latest frame.") { moment, samples in
                for state in CameraState.allCases {
                    samples.sample(moment.cameraStates[state] ?? 0, ["state": state.rawValue])
                }
            },
            .gauge("evrelay_cameras_limit", "--max-cameras.") { $0.relay.hub.settings.maxCameras },
            .ofCameras("evrelay_camera_up", "1 while a camera is live.", value: { $0.state == .live ? 1 : 0 }),
            .gauges("evrelay_camera_frame_age_seconds", "Age of a camera's latest frame.") { moment, samples in
                for camera in moment.cameras {
                    let age = Double(camera.summary.age.wholeNanoseconds) / 1_000_000_000
                    samples.sample(age, camera.summary.label)
                }
            },
        ]
    }

    private var connections: [Metric] {
        [
            .gauges("evrelay_connections", "Connections by what they do.") { moment, samples in
                for phase in ConnectionPhase.allCases {
                    let count = moment.loops.reduce(0) { $0 + $1.connections(in: phase) }
                    samples.sample(count, ["state": phase.rawValue])
                }
            },
            .gauge("evrelay_connections_limit", "--max-connections, or what the descriptor limit leaves of it.") {
                $0.relay.connections.maxConnections
            },
            .counter("evrelay_connections_accepted_total", "Connections accepted.") {
                $0.sum { $0.connectionsAccepted }
            },
            .gauge("evrelay_answer_memory_bytes", "Memory held by answers that wait to be sent.") {
                $0.relay.answers.heldBytes
            },
            .gauge("evrelay_answer_memory_limit_bytes", "--answer-memory.") { $0.relay.answers.maxBytes },
            .counters("evrelay_responses_total", "Answers by status code; a stream counts as 200.", by: "code") {
                $0.responses
            },
            .counters("evrelay_refusals_total", "Connections and other requests refused.", by: "reason") {
                $0.refusals
            },
            .counters(
                "evrelay_idle_connections_let_go_total",
                "Idle connections that were ended so that another one had room.", by: "reason"
            ) { $0.letGo },
        ]
    }

    private var encryption: [Metric] {
        [
            .counters("evrelay_tls_handshakes_total", "TLS handshakes by how they ended.", by: "result") {
                $0.handshakes
            },
            .counters(
                "evrelay_tls_connections_total", "TLS connections by who encrypts what they are sent.",
                by: "encrypted_by"
            ) { $0.encryptions },
            .gauges(
                "evrelay_tls_certificate_expiry_timestamp_seconds",
                "When a certificate's time ends, seconds since 1970."
            ) { moment, samples in
                for (index, pair) in (moment.relay.tls.context?.pairs ?? []).enumerated() {
                    samples.sample(
                        Double(pair.expires), ["certificate": "\(index + 1)", "name": pair.names.first ?? ""])
                }
            },
        ]
    }

    /// The metrics of the process, under the names that Prometheus' own libraries use.
    private var process: [Metric] {
        [
            .known("process_cpu_seconds_total") { page, moment in
                guard let usage = moment.process.usage else { return }
                page.counter(
                    "process_cpu_seconds_total", help: "Processor time, user and system.", usage.cpuSeconds)
            },
            .known("process_resident_memory_bytes") { page, moment in
                guard let usage = moment.process.usage else { return }
                page.gauge("process_resident_memory_bytes", help: "Resident memory.", usage.residentBytes)
            },
            .known("process_virtual_memory_bytes") { page, moment in
                guard let usage = moment.process.usage else { return }
                page.gauge("process_virtual_memory_bytes", help: "Virtual memory.", usage.virtualBytes)
            },
            .known("process_open_fds") { page, moment in
                guard let open = moment.process.openDescriptors else { return }
                page.gauge("process_open_fds", help: "Open descriptors.", open)
            },
            .gauge("process_max_fds", "Limit of open descriptors.") { _ in ProcessControl.descriptorLimit },
            .gauges("process_start_time_seconds", "Start of the process, seconds since 1970.") {
                $1.sample(Double($0.relay.startedMicroseconds) / 1_000_000)
            },
        ]
    }
}
