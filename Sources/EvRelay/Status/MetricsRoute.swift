// SPDX-License-Identifier: MIT
import LibEvent
import System
import WireFormat

extension Call {
    /// Answers with the metrics that Prometheus scrapes.
    func metrics() -> Admission {
        let moment = MetricsMoment(relay, now: SystemClock.monotonic()) { grant.allows(.observe, $0) }
        return answer(
            HTTPResponse(
                200, headers: [("Content-Type", MetricsText.contentType), ("Cache-Control", "no-store")],
                body: .bytes(moment.text())))
    }
}
