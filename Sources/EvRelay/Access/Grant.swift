// SPDX-License-Identifier: MIT
import Cameras

/// The rights of a request and their basis. A long-lived request keeps its grant and ends with it.
struct Grant: Sendable, Equatable {
    /// The reason why a grant holds. Only the digest of a credential is kept.
    enum Basis: Sendable, Equatable {
        /// No credential was needed: the rights are open to everybody, or to this machine.
        case open(toThisMachine: Bool)
        /// A key of the file of keys.
        case key(CredentialDigest)
        /// A signed link: its digest, the secret's fingerprint, and its expiry in microseconds since 1970.
        case token(CredentialDigest, secret: CredentialDigest, expiresMicroseconds: Int64)
    }

    /// The reason why the grant holds.
    let basis: Basis
    /// The rights granted.
    let rights: Set<Right>
    /// The cameras they hold for.
    let cameras: [CameraPattern]
    /// The part of the request that carried the credential; nil if none was needed, or if the grant was restored.
    var source: Credential.Source?
    /// The credential of a request that needed none; kept for long-lived requests only.
    var unseen: UnseenCredential?

    /// The grant of a request before its access is checked: no rights.
    static let none = Grant(basis: .open(toThisMachine: false), rights: [], cameras: [])

    /// Returns true if the grant includes `right` to `camera`.
    func allows(_ right: Right, _ camera: CameraID) -> Bool { rights.contains(right) && cameras.include(camera) }

    /// Returns true if the grant includes any of `rights` to `camera`.
    func allows(anyOf rights: [Right], _ camera: CameraID) -> Bool { rights.contains { allows($0, camera) } }

    /// The digest of the credential, which cannot be used as one; nil if none was needed.
    var credentialDigest: [UInt8]? {
        switch basis {
        case .open: nil
        case .key(let digest), .token(let digest, _, _): digest.bytes
        }
    }
}

/// The right to one camera that a long-lived request depends on.
struct HeldGrant: Sendable, Equatable {
    let grant: Grant
    let right: Right
    let camera: CameraID
}
