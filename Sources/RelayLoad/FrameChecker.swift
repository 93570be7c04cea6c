// SPDX-License-Identifier: MIT
import LibEvent

/// Compares one received frame with the one sent under its identity, piece by piece as it arrives.
struct FrameChecker {
    /// The result for a whole frame.
    enum Verdict: Equatable {
        /// Every byte is as it was sent.
        case intact(FrameIdentity)
        /// The frame has an identity, but its bytes or its length differ from what was sent.
        case torn
        /// The frame is a whole one of another camera.
        case mixed
        /// The part does not even begin as a frame of the load tool.
        case unknown
    }

    /// The camera that the viewer asked for.
    let camera: Int

    private var declaredBytes = 0
    private var position = 0
    private var prefix: [UInt8] = []
    private var expected: TestFrame?
    private var isSound = true

    init(camera: Int) {
        self.camera = camera
    }

    /// Begins a new part.
    mutating func begin(jpegBytes: Int) {
        declaredBytes = jpegBytes
        position = 0
        prefix.removeAll(keepingCapacity: true)
        expected = nil
        isSound = true
    }

    /// Checks the next bytes of the part's JPEG.
    mutating func check(_ piece: Span<UInt8>, against store: FrameStore) {
        var start = 0
        if expected == nil {
            while start < piece.count, prefix.count < TestFrame.identityBytes {
                prefix.append(piece[start])
                start += 1
            }
            guard prefix.count == TestFrame.identityBytes else { return }
            // Without an identity nothing more is checked: there is nothing to compare with.
            guard let identity = TestFrame.identity(in: prefix) else { return }
            let frame = store.expected(identity, declaredBytes: declaredBytes)
            expected = frame
            position = prefix.count
            isSound = frame.bytes.count == declaredBytes && frame.bytes.starts(with: prefix)
        }
        guard let expected, isSound, start < piece.count else { return }
        let rest = piece.extracting(start..<piece.count)
        guard rest.count <= expected.bytes.count - position else {
            isSound = false
            return
        }
        isSound = haveEqualBytes(rest, expected.bytes.span.extracting(position..<position + rest.count))
        position += rest.count
    }

    /// Returns the result, once the part is over.
    func verdict() -> Verdict {
        guard let expected else { return .unknown }
        guard isSound, position == declaredBytes else { return .torn }
        return expected.identity.camera == camera ? .intact(expected.identity) : .mixed
    }
}
