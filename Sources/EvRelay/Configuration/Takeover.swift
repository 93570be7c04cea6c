// SPDX-License-Identifier: MIT

/// What becomes of a publisher that sends to a camera while another one does.
enum Takeover: String, Sendable, CaseIterable {
    /// It takes the camera over; the other one is refused from then on.
    case replace
    /// It is refused as long as the other one sends.
    case refuse
}
