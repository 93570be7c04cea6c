// SPDX-License-Identifier: MIT
internal import CSystem
import Glibc
import Synchronization

/// Looks up the addresses of names with the system's resolver (nsswitch: the hosts file, DNS, `.local` by mDNS), on a few
/// threads of its own, so that no loop waits.
///
/// `getaddrinfo` cannot be cancelled. So each lookup tells the name servers' part of it how long it may take: its thread
/// ends by itself within the limit of whoever asked, but for a second that a limit may be short of. Threads exist only
/// while there is something to look up, and never more than `maxThreads`, whatever the modules of nsswitch do.
///
/// Sendable: its state is guarded by a lock.
public final class NameResolver: Sendable {
    /// The resolver that connections use by default.
    public static let shared = NameResolver()

    private struct State {
        var waiting: [NameQuery] = []
        var threads = 0
    }

    private let state = Mutex(State())
    private let maxThreads: Int
    private let threadName: String
    private let serverPort: UInt16?

    /// - Parameters:
    ///   - maxThreads: the most lookups at once, 1 or more; further ones wait, within their limits. Sixteen are more than
    ///     the names that are likely to be dead at the same time, each of which keeps a thread up to its limit.
    ///   - threadName: the threads' name, of which ps and top show 15 bytes.
    ///   - serverPort: the port of the only name server, on 127.0.0.1, for tests; nil for the system's servers.
    public init(maxThreads: Int = 16, threadName: String = "resolver", serverPort: UInt16? = nil) {
        self.maxThreads = max(1, maxThreads)
        self.threadName = threadName
        self.serverPort = serverPort
    }

    /// Begins to answer a query.
    ///
    /// - Throws: if no thread can be made; the query is not answered then.
    public func start(_ query: NameQuery) throws(SystemError) {
        let needsThread = state.withLock { state in
            state.waiting.append(query)
            guard state.threads < maxThreads else { return false }
            state.threads += 1
            return true
        }
        guard needsThread else { return }
        do throws(SystemError) {
            try LoopThread(name: threadName) { self.work() }.detach()
        } catch {
            state.withLock { state in
                state.threads -= 1
                state.waiting.removeAll { $0 === query }
            }
            throw error
        }
    }

    /// Removes a query that no loop waits for any more, if no thread has begun it.
    public func forget(_ query: NameQuery) {
        state.withLock { state in state.waiting.removeAll { $0 === query } }
    }

    private func work() {
        while true {
            let query = state.withLock { state -> NameQuery? in
                guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
                state.threads -= 1
                return nil
            }
            guard let query else { return }
            evrelay_limit_resolver(Int32(clamping: query.limit.components.seconds), Int32(serverPort ?? 0))
            query.onEnd(Self.resolve(query.host, query.port))
        }
    }

    private static func resolve(_ host: String, _ port: UInt16) -> Result<[ClientAddress], NameUnknown> {
        guard !host.utf8.contains(0) else { return .failure(NameUnknown("it has a byte of zero")) }
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        // Safe: the resolver reads the name and the hints during the call; the list is its own until freeaddrinfo.
        let code = unsafe getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { return .failure(NameUnknown(unsafe String(cString: gai_strerror(code)))) }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [ClientAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            if let digits = unsafe digits(of: entry.pointee) {
                let address = ClientAddress.tcp(host: digits, port: port)
                if !addresses.contains(address) { addresses.append(address) }
            }
            unsafe next = entry.pointee.ai_next
        }
        return addresses.isEmpty ? .failure(NameUnknown("no address")) : .success(addresses)
    }

    private static func digits(of entry: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        // Safe: getnameinfo reads the address of the length beside it, and writes a text with a zero at its end.
        let code = unsafe getnameinfo(
            entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        guard code == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
