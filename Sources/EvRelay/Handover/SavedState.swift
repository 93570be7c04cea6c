// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import WireFormat

/// The state that one process leaves to the next over a restart: the cameras' latest frames, and the point that each
/// viewer's stream has reached.
///
/// Pure: conversion to bytes and back. Another version's bytes are refused, since a stream's parts may differ between
/// versions.
struct SavedState: Equatable, Sendable {
    /// A camera's latest frame.
    struct SavedFrame: Equatable, Sendable {
        let camera: CameraID
        let sequence: Int64
        /// Wall-clock time of arrival, microseconds since 1970.
        let timestampMicroseconds: Int64
        let jpeg: [UInt8]
    }

    /// A viewer whose stream goes on.
    struct SavedViewer: Equatable, Sendable {
        /// The inode of its socket, by which it is found among the descriptors.
        let inode: UInt64
        let camera: CameraID
        let form: StreamForm
        let policy: DeliveryState.Resumption
        /// The unsent rest of the part being sent.
        let pendingBytes: [UInt8]
        /// The client's address as its proxy has named it; empty for a viewer that is connected directly.
        var client = ""
        /// The basis of the right to view; of a key or link only the digests and the expiry.
        var basis = Grant.Basis.open(toThisMachine: false)
        /// The basis that counts once viewing is no longer open; nil if the viewer has brought no credential.
        var unseen: Grant.Basis?
    }

    var frames: [SavedFrame] = []
    var viewers: [SavedViewer] = []

    /// Identifies the format and its version. The number grows with every change of the format or of a stream's parts.
    private static let signature = Array("evrelay-state 3\n".utf8)
    /// The number written for nil.
    private static let none: Int64 = -1

    /// Returns the state as bytes.
    func bytes() -> [UInt8] {
        var writer = RecordWriter()
        writer.put(Self.signature)
        writer.put(Int64(frames.count))
        for frame in frames {
            writer.put(Array(frame.camera.description.utf8))
            writer.put(frame.sequence)
            writer.put(frame.timestampMicroseconds)
            writer.put(frame.jpeg)
        }
        writer.put(Int64(viewers.count))
        for viewer in viewers {
            writer.put(Int64(bitPattern: viewer.inode))
            writer.put(Array(viewer.camera.description.utf8))
            writer.put(viewer.form.boundary == .frame ? 0 : 1)
            writer.put(viewer.form.advanceHeaders ? 1 : 0)
            writer.put(viewer.form.isChunked ? 1 : 0)
            writer.put(viewer.policy.minimumIntervalNanoseconds ?? Self.none)
            writer.put(viewer.policy.framesLeft.map(Int64.init) ?? Self.none)
            writer.put(viewer.policy.lastSequence ?? Self.none)
            writer.put(viewer.pendingBytes)
            writer.put(Array(viewer.client.utf8))
            viewer.basis.write(to: &writer)
            writer.put(viewer.unseen == nil ? 0 : 1)
            viewer.unseen?.write(to: &writer)
        }
        return writer.bytes
    }

    init() {}

    /// - Throws: if `bytes` were not written by this version.
    init(_ bytes: [UInt8]) throws(RecordError) {
        var reader = RecordReader(bytes)
        guard try reader.string() == Self.signature else { throw RecordError(offset: 0) }
        for _ in 0..<max(0, try reader.number()) { frames.append(try Self.frame(&reader)) }
        for _ in 0..<max(0, try reader.number()) { viewers.append(try Self.viewer(&reader)) }
        guard reader.isAtEnd else { throw RecordError(offset: bytes.count) }
    }

    private static func frame(_ reader: inout RecordReader) throws(RecordError) -> SavedFrame {
        SavedFrame(
            camera: try camera(&reader), sequence: try reckonable(&reader),
            timestampMicroseconds: try reckonable(&reader), jpeg: try reader.string())
    }

    /// Reads a number that can be added to and subtracted from without an overflow: 0 to half of `Int64.max`.
    private static func reckonable(_ reader: inout RecordReader) throws(RecordError) -> Int64 {
        let number = try reader.number()
        guard (0...Int64.max / 2).contains(number) else { throw RecordError(offset: 0) }
        return number
    }

    private static func viewer(_ reader: inout RecordReader) throws(RecordError) -> SavedViewer {
        let inode = UInt64(bitPattern: try reader.number())
        let camera = try camera(&reader)
        let form = StreamForm(
            boundary: try reader.number() == 0 ? .frame : .boundaryDoNotCross,
            advanceHeaders: try reader.number() == 1, isChunked: try reader.number() == 1)
        let policy = DeliveryState.Resumption(
            minimumIntervalNanoseconds: try optional(&reader),
            framesLeft: try optional(&reader).map { Int(clamping: $0) },
            lastSequence: try optional(&reader))
        return SavedViewer(
            inode: inode, camera: camera, form: form, policy: policy, pendingBytes: try reader.string(),
            client: String(decoding: try reader.string(), as: UTF8.self), basis: try Grant.Basis(&reader),
            unseen: try reader.number() == 1 ? try Grant.Basis(&reader) : nil)
    }

    private static func camera(_ reader: inout RecordReader) throws(RecordError) -> CameraID {
        let name = String(decoding: try reader.string(), as: UTF8.self)
        guard let camera = CameraID(name[...]) else { throw RecordError(offset: 0) }
        return camera
    }

    private static func optional(_ reader: inout RecordReader) throws(RecordError) -> Int64? {
        let number = try reader.number()
        guard number <= Int64.max / 2 else { throw RecordError(offset: 0) }
        return number < 0 ? nil : number
    }
}

extension SavedState.SavedFrame {
    /// Copies `frame`, whose own block ends with this process.
    init(_ frame: Frame) {
        let jpeg = frame.bytes.withSpan(frame.layout.jpeg) { span in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(span.count)
            for index in span.indices { bytes.append(span[index]) }
            return bytes
        }
        self.init(
            camera: frame.camera, sequence: frame.sequence, timestampMicroseconds: frame.timestampMicroseconds,
            jpeg: jpeg)
    }
}
