// SPDX-License-Identifier: MIT

/// The sizes, counts and time limits of the doctor's requests.
enum DoctorPlan {
    /// The time limit of each name look-up, connection, handshake and answer.
    static let patience = Duration.seconds(10)
    /// The round trips that count. One more goes before them, since caches and connections may still be cold.
    static let trips = 8
    /// The parts of a timed stream.
    static let parts = 8
    /// The time between two parts. Long enough that a part held back until the next one stands out on any network.
    static let interval = Duration.milliseconds(250)
    /// The size of a part far below any proxy's buffer.
    static let smallPartBytes = 64
    /// The size of a part above some proxies' buffers.
    static let largePartBytes = 16_384
    static let smallUploadBytes = 1024
    static let largeUploadBytes = 65_536
    /// The largest body that `doctor/echo` accepts, in bytes.
    static let maxEchoBytes = 262_144
    /// The longest head, and the longest body that is read as a whole, in bytes.
    static let maxAnswerBytes = 65_536
    /// The longest accepted WebSocket message, in bytes; longer than the one that is sent.
    static let maxMessageBytes = 1024
}
