// SPDX-License-Identifier: MIT
import Synchronization

/// What new TLS connections begin with, for all loops: replaced while they go on.
///
/// Sendable: any thread may read it or put another one in its place.
public final class TLSSwitch: Sendable {
    private let state: Mutex<TLSServerContext?>

    /// Nil refuses connections until there is one.
    public init(_ context: TLSServerContext? = nil) { state = Mutex(context) }

    /// What new connections get; those that have begun keep theirs.
    public var context: TLSServerContext? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
