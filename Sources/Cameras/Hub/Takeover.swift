// SPDX-License-Identifier: MIT

/// The treatment of a publisher that sends to a camera while another one does.
public enum Takeover: String, Sendable, CaseIterable {
    /// The new publisher takes the camera over; the other one is refused from then on.
    case replace
    /// The new publisher is refused while the other one sends.
    case refuse
}
