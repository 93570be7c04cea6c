// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import WireFormat

/// The content of `/metrics`, gathered at one moment. `docs/monitoring` uses these names.
///
/// Label values come from the program, with two exceptions: camera names, of which there are as many as `--max-cameras`
/// allows, and the first name of each certificate.
struct MetricsPage {
    let relay: Relay
    private let now: Instant
    private let cameras: [(summary: CameraSummary, traffic: Traffic)]
    /// The number of cameras in each state, including cameras without series of their own.
    private let cameraStates: [CameraState: Int]

    /// Creates a page, and gathers the cameras' values.
    /// - Parameter isShown: false for cameras that get no series of their own.
    init(_ relay: Relay, now: Instant, isShown: (CameraID) -> Bool = { _ in true }) {
        self.relay = relay
        self.now = now
        let all = relay.hub.traffic(now: now)
        cameraStates = Dictionary(all.map { ($0.summary.state, 1) }, uniquingKeysWith: +)
        cameras = all.filter { isShown($0.summary.frame.camera) }
    }

    /// Returns the page's text.
    func text() -> [UInt8] {
        MetricsText.text { page in
            service(&page)
            traffic(&page)
            perCamera(&page)
            connections(&page)
            encryption(&page)
            refusals(&page)
            timings(&page)
            process(&page)
        }
    }

    private var loops: [LoopMetrics] { relay.metrics.loops }

    private func sum(_ counter: (LoopMetrics) -> Counter) -> Int { loops.reduce(0) { $0 + counter($1).value } }

    private func service(_ page: inout MetricsText) {
        page.gauges("evrelay_build_info", help: "Which version runs; always 1.") {
            $0.sample(1, ["version": Version.current, "libevent": EventLoop.libraryVersion])
        }
        page.gauge(
            "evrelay_ready", help: "1 while requests are welcome, 0 during a shutdown.", relay.isDraining ? 0 : 1)
        page.gauge("evrelay_loops", help: "Event loops.", relay.loops)
        page.gauges("evrelay_cameras", help: "Cameras by the age of their latest frame.") { samples in
            for state in CameraState.allCases {
                samples.sample(cameraStates[state] ?? 0, ["state": state.rawValue])
            }
        }
        page.gauge("evrelay_cameras_limit", help: "--max-cameras.", relay.hub.settings.maxCameras)
        page.gauge("evrelay_viewers", help: "Viewers of all cameras.", relay.viewers.taken)
        page.gauge("evrelay_viewers_limit", help: "--max-viewers.", relay.viewers.limit)
        page.gauge("evrelay_frame_memory_bytes", help: "Memory held by frames.", relay.ledger.usedBytes)
        page.gauge("evrelay_frame_memory_limit_bytes", help: "--frame-memory.", relay.ledger.limitBytes)
        page.gauge(
            "evrelay_answer_memory_bytes", help: "Memory held by answers that wait to be sent.",
            relay.answers.heldBytes)
        page.gauge("evrelay_answer_memory_limit_bytes", help: "--answer-memory.", relay.answers.maxBytes)
        page.gauge("evrelay_doctors", help: "Connections that a doctor measures.", relay.doctors.taken)
        page.gauge("evrelay_doctors_limit", help: "--max-doctors.", relay.doctors.limit)
        page.counters("evrelay_reloads_total", help: "Reloads of the settings by their result.") {
            for (result, count) in relay.metrics.reloads.sorted { $0.sample(count, ["result": result]) }
        }
        page.counter(
            "evrelay_viewers_restored_total", help: "Viewers taken over from the process before.",
            relay.metrics.restoredViewers.value)
        page.counter(
            "evrelay_log_lines_lost_total", help: "Log lines that standard error did not take.",
            relay.lineWriter?.lostLines ?? 0)
        page.counter(
            "evrelay_log_lines_left_out_total", help: "Log lines of visitors that were more than the log takes.",
            relay.visitors.leftOut.value)
    }

    private func traffic(_ page: inout MetricsText) {
        page.counter("evrelay_frames_received_total", help: "Frames accepted.", relay.hub.received.frames.value)
        page.counter(
            "evrelay_received_bytes_total", help: "Bytes of the frames accepted.", relay.hub.received.bytes.value)
        page.counter(
            "evrelay_upload_frames_skipped_total",
            help: "Frames of streaming uploads that were left out because they could not be relayed.",
            sum { $0.skippedFrames })
        page.counter(
            "evrelay_frames_sent_total", help: "Frames handed to viewers.", sum { $0.sent.frames })
        page.counter(
            "evrelay_sent_bytes_total", help: "Bytes of stream handed to viewers.", sum { $0.sent.bytes })
        page.counter(
            "evrelay_frames_skipped_total", help: "Frames that viewers missed because they were busy or not due.",
            sum { $0.sent.skipped })
    }

    private func perCamera(_ page: inout MetricsText) {
        func counters(_ name: String, _ help: String, _ counter: (Traffic) -> Counter) {
            page.counters(name, help: help) { samples in
                for camera in cameras { samples.sample(counter(camera.traffic).value, label(camera.summary)) }
            }
        }
        counters("evrelay_camera_frames_received_total", "Frames accepted from a camera.") { $0.received.frames }
        counters("evrelay_camera_received_bytes_total", "Bytes of a camera's frames.") { $0.received.bytes }
        counters("evrelay_camera_frames_sent_total", "A camera's frames handed to viewers.") { $0.sent.frames }
        counters("evrelay_camera_sent_bytes_total", "Bytes of a camera's streams.") { $0.sent.bytes }
        counters("evrelay_camera_frames_skipped_total", "A camera's frames that viewers missed.") { $0.sent.skipped }
        counters("evrelay_camera_takeovers_total", "Publishers that have replaced a camera's live one.") {
            $0.takeovers
        }
        page.gauges("evrelay_camera_viewers", help: "Viewers of a camera.") { samples in
            for camera in cameras { samples.sample(camera.summary.viewers, label(camera.summary)) }
        }
        page.gauges("evrelay_camera_up", help: "1 while a camera is live.") { samples in
            for camera in cameras { samples.sample(camera.summary.state == .live ? 1 : 0, label(camera.summary)) }
        }
        page.gauges("evrelay_camera_frame_age_seconds", help: "Age of a camera's latest frame.") { samples in
            for camera in cameras { samples.sample(seconds(camera.summary.age), label(camera.summary)) }
        }
    }

    private func connections(_ page: inout MetricsText) {
        page.gauges("evrelay_connections", help: "Connections by what they do.") { samples in
            for phase in ConnectionPhase.allCases {
                let count = loops.reduce(0) { $0 + $1.connections(in: phase) }
                samples.sample(count, ["state": phase.rawValue])
            }
        }
        page.gauge(
            "evrelay_connections_limit", help: "--max-connections, or what the descriptor limit leaves of it.",
            relay.connections.maxConnections)
        page.counter(
            "evrelay_connections_accepted_total", help: "Connections accepted.", sum { $0.connectionsAccepted })
    }

    private func refusals(_ page: inout MetricsText) {
        labelled(&page, "evrelay_responses_total", "code", "Answers by status code; a stream counts as 200.") {
            $0.responses
        }
        labelled(&page, "evrelay_upload_refusals_total", "reason", "Uploads refused.") { $0.uploadRefusals }
        labelled(&page, "evrelay_refusals_total", "reason", "Connections and other requests refused.") { $0.refusals }
        labelled(
            &page, "evrelay_idle_connections_let_go_total", "reason",
            "Idle connections that were ended so that another one had room."
        ) { $0.letGo }
        labelled(&page, "evrelay_viewers_left_total", "reason", "Viewers that have gone.") { $0.viewersLeft }
    }

    func labelled(
        _ page: inout MetricsText, _ name: String, _ label: String, _ help: String,
        _ counter: (LoopMetrics) -> LabelledCounter
    ) {
        var sums: [String: Int] = [:]
        for loop in loops { sums.merge(counter(loop).values) { $0 + $1 } }
        page.counters(name, help: help) { samples in
            for (value, count) in sums.sorted(by: { $0.key < $1.key }) {
                samples.sample(count, [label: value])
            }
        }
    }

    private func timings(_ page: inout MetricsText) {
        histogram(&page, "evrelay_loop_lag_seconds", "How late the loops' regular timers ran.", loops.map(\.loopLag))
        histogram(
            &page, "evrelay_delivery_latency_seconds",
            "From a frame's last byte in to its hand-over to a viewer's socket.", loops.map(\.deliveryLatency))
    }

    private func histogram(_ page: inout MetricsText, _ name: String, _ help: String, _ histograms: [Histogram]) {
        let sum = HistogramSnapshot.sum(histograms)
        page.histogram(
            name, help: help, bounds: histograms.first?.bounds ?? [], counts: sum.counts.map { UInt64(max(0, $0)) },
            sum: sum.seconds)
    }

    /// Writes the metrics of the process, under the names that Prometheus' own libraries use.
    private func process(_ page: inout MetricsText) {
        let sample = relay.metrics.process.values(now: SystemClock.monotonic())
        // Values that cannot be read are left out, as Prometheus' libraries do.
        if let usage = sample.usage {
            page.counter("process_cpu_seconds_total", help: "Processor time, user and system.", usage.cpuSeconds)
            page.gauge("process_resident_memory_bytes", help: "Resident memory.", usage.residentBytes)
            page.gauge("process_virtual_memory_bytes", help: "Virtual memory.", usage.virtualBytes)
        }
        if let open = sample.openDescriptors {
            page.gauge("process_open_fds", help: "Open descriptors.", open)
        }
        page.gauge("process_max_fds", help: "Limit of open descriptors.", ProcessControl.descriptorLimit)
        page.gauge(
            "process_start_time_seconds", help: "Start of the process, seconds since 1970.",
            Double(relay.startedMicroseconds) / 1_000_000)
    }

    private func label(_ summary: CameraSummary) -> KeyValuePairs<String, String> {
        ["camera": summary.frame.camera.description]
    }

    private func seconds(_ duration: Duration) -> Double { Double(duration.wholeNanoseconds) / 1_000_000_000 }
}

extension LabelledCounter {
    /// The counts, sorted by label.
    fileprivate var sorted: [(String, Int)] { values.sorted { $0.key < $1.key } }
}
