// SPDX-License-Identifier: MIT
import WireFormat

// The basis of a viewer's grant, for the next process: digests and times, nothing that gives access.
extension Grant.Basis {
    private enum Kind: Int64 {
        case openElsewhere, openToThisMachine, key, token
    }

    func write(to writer: inout RecordWriter) {
        switch self {
        case .open(let toThisMachine):
            writer.put((toThisMachine ? Kind.openToThisMachine : .openElsewhere).rawValue)
        case .key(let digest):
            writer.put(Kind.key.rawValue)
            writer.put(digest.bytes)
        case .token(let digest, let secret, let expiresMicroseconds):
            writer.put(Kind.token.rawValue)
            writer.put(digest.bytes)
            writer.put(secret.bytes)
            writer.put(expiresMicroseconds)
        }
    }

    /// - Throws: if the record is not one that `write` writes.
    init(_ reader: inout RecordReader) throws(RecordError) {
        guard let kind = Kind(rawValue: try reader.number()) else { throw RecordError(offset: 0) }
        switch kind {
        case .openElsewhere: self = .open(toThisMachine: false)
        case .openToThisMachine: self = .open(toThisMachine: true)
        case .key: self = .key(try Self.digest(&reader))
        case .token:
            self = .token(
                try Self.digest(&reader), secret: try Self.digest(&reader),
                expiresMicroseconds: try reader.number())
        }
    }

    private static func digest(_ reader: inout RecordReader) throws(RecordError) -> CredentialDigest {
        guard let digest = CredentialDigest(bytes: try reader.string()) else { throw RecordError(offset: 0) }
        return digest
    }
}
