// SPDX-License-Identifier: MIT
internal import CSystem
import Glibc
import Synchronization
public import System

/// Finds the addresses of host names with the system's resolver.
public enum HostLookup {
    /// Returns all addresses of a host, in the order in which the system wants them tried (RFC 6724), with the port
    /// added.
    ///
    /// Blocks. The resolver cannot be stopped: after `timeout` its thread is left running, and ends when the resolver
    /// gives up. For programs that end soon.
    ///
    /// - Parameter host: a name, or an address in digits, IPv6 without brackets.
    public static func addresses(
        of host: String, port: UInt16, timeout: Duration
    ) throws(ClientError) -> [ClientAddress] {
        do {
            let answer = try LookupAnswer()
            let thread = try LoopThread(name: "resolver") { answer.give(resolve(host, port)) }
            guard let outcome = answer.wait(timeout) else { throw ClientError.timedOut(.name) }
            thread.join()
            return try outcome.get()
        } catch let error as ClientError {
            throw error
        } catch {
            throw .nameUnknown("\(error)")
        }
    }

    private static func resolve(_ host: String, _ port: UInt16) -> Result<[ClientAddress], ClientError> {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        // Safe: the resolver reads the name and the hints during the call; the list is its own until freeaddrinfo.
        let code = unsafe getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { return .failure(.nameUnknown(unsafe String(cString: gai_strerror(code)))) }
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
        return addresses.isEmpty ? .failure(.nameUnknown("no address")) : .success(addresses)
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

/// The result that the resolver's thread leaves for the waiting one. Sendable: the result is guarded by a lock, and the
/// descriptor is closed by the last of the two owners.
private final class LookupAnswer: Sendable {
    private let outcome = Mutex<Result<[ClientAddress], ClientError>?>(nil)
    private let bell: Int32

    init() throws(LibEventError) {
        bell = eventfd(0, Int32(EFD_CLOEXEC))
        guard bell >= 0 else { throw LibEventError("eventfd", code: errno) }
    }

    deinit {
        if bell >= 0 { _ = close(bell) }
    }

    func give(_ result: Result<[ClientAddress], ClientError>) {
        outcome.withLock { $0 = result }
        var one: UInt64 = 1
        // Safe: an eventfd takes the eight bytes of a number.
        _ = unsafe write(bell, &one, 8)
    }

    func wait(_ timeout: Duration) -> Result<[ClientAddress], ClientError>? {
        let deadline = SystemClock.monotonic() + timeout
        while true {
            let left = deadline - SystemClock.monotonic()
            var entry = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
            // Safe: one entry is passed, and the count says one.
            let count = unsafe poll(&entry, 1, Int32(clamping: max(0, left.wholeMilliseconds)))
            if count < 0, errno == EINTR { continue }
            return outcome.withLock { $0 }
        }
    }
}
