// SPDX-License-Identifier: MIT

/// What the doctor asks for, and how long it waits.
enum DoctorPlan {
    /// For each name, connection, handshake and answer.
    static let patience = Duration.seconds(10)
    /// Round trips that count; one more goes before them, since it may find everything cold.
    static let trips = 8
    /// Parts of a timed stream.
    static let parts = 8
    /// Between two parts. Long enough that one held back for the next stands out from any network.
    static let interval = Duration.milliseconds(250)
    /// A part far below any proxy's buffer.
    static let smallPartBytes = 64
    /// A part above the buffers of some.
    static let largePartBytes = 16_384
    static let smallUploadBytes = 1024
    static let largeUploadBytes = 65_536
    /// The most that `doctor/echo` takes.
    static let maxEchoBytes = 262_144
    /// The longest head, and the longest body of an answer that is read as a whole.
    static let maxAnswerBytes = 65_536
    /// Longer than what is sent over the WebSocket.
    static let maxMessageBytes = 1024
}
