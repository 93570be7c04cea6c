// SPDX-License-Identifier: MIT
import Synchronization

/// The TLS context of new connections, for all loops; replaceable while they run.
///
/// Sendable: any thread may read or replace it.
public final class TLSSwitch: Sendable {
    private let state: Mutex<TLSServerContext?>

    /// Creates a switch. Without a context, connections are refused until there is one.
    public init(_ context: TLSServerContext? = nil) { state = Mutex(context) }

    /// The context for new connections; those that have begun keep theirs.
    public var context: TLSServerContext? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
