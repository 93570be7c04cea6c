// SPDX-License-Identifier: MIT

/// What a request may do, and by what. What lasts keeps it, to be ended with it.
struct Grant: Sendable, Equatable {
    /// By what it holds; nothing of the credential itself is kept.
    enum Basis: Sendable, Equatable {
        /// Nobody had to be asked: what is open to everybody, or to this machine.
        case open(toThisMachine: Bool)
        /// A key of the file of keys.
        case key(CredentialDigest)
        /// A signed link, with the secret's fingerprint and its end in microseconds since 1970.
        case token(CredentialDigest, secret: CredentialDigest, expiresMicroseconds: Int64)
    }

    let basis: Basis
    /// The rights granted.
    let rights: Set<Right>
    /// The cameras they hold for.
    let cameras: [CameraPattern]
    /// How the credential came; nil if none was needed.
    var source: Credential.Source?
    /// The credential that came where none was needed; only what lasts has it.
    var unseen: UnseenCredential?

    /// What every request has before it was looked at.
    static let none = Grant(basis: .open(toThisMachine: false), rights: [], cameras: [])

    /// May `right` be exercised on `camera`?
    func allows(_ right: Right, _ camera: CameraID) -> Bool { rights.contains(right) && cameras.include(camera) }

    /// May any of `rights` be exercised on `camera`?
    func allows(anyOf rights: [Right], _ camera: CameraID) -> Bool { rights.contains { allows($0, camera) } }

    /// Which credential it was, without being of use as one; nil if none was needed.
    var credentialDigest: [UInt8]? {
        switch basis {
        case .open: nil
        case .key(let digest), .token(let digest, _, _): digest.bytes
        }
    }
}

/// A right to one camera that something lasting lives by.
struct HeldGrant: Sendable, Equatable {
    let grant: Grant
    let right: Right
    let camera: CameraID
}
