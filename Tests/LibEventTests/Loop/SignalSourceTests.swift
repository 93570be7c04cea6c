// SPDX-License-Identifier: MIT
import Glibc
import LibEvent
import System
import Testing
import TestSupport

/// Serialized: the signals of a process belong to one loop.
@Suite(.serialized) struct SignalSourceTests {
    /// Sends a signal to the calling thread. It unblocks the signal first, as threads of a pool usually block signals.
    private static func send(_ signal: Int32) {
        var wanted = sigset_t()
        var before = sigset_t()
        // Safe: all of these read and write only the sets they are given.
        unsafe sigemptyset(&wanted)
        unsafe sigaddset(&wanted, signal)
        unsafe pthread_sigmask(SIG_UNBLOCK, &wanted, &before)
        raise(signal)
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
    }

    @Test func `each signal is a call on the loop`() throws {
        let loop = try TestLoop()
        var count = 0
        var source: SignalSource? = try SignalSource(SIGUSR1, on: loop.loop) {
            count += 1
            if count == 5 { loop.stop() }
        }
        for _ in 0..<5 { Self.send(SIGUSR1) }
        #expect(count == 0)
        try loop.run()
        #expect(count == 5)
        withExtendedLifetime(source) {}
        source = nil
    }

    @Test func `a signal that another thread was interrupted by arrives too`() throws {
        let loop = try TestLoop()
        var source: SignalSource? = try SignalSource(SIGUSR2, on: loop.loop) { loop.stop() }
        let other = try LoopThread(name: "other") { Self.send(SIGUSR2) }
        try loop.run()
        other.join()
        withExtendedLifetime(source) {}
        source = nil
    }

    @Test func `two signals have their own calls`() throws {
        let loop = try TestLoop()
        var arrived: [Int32] = []
        var sources = try [SIGUSR1, SIGUSR2].map { signal in
            try SignalSource(signal, on: loop.loop) {
                arrived.append(signal)
                if arrived.count == 2 { loop.stop() }
            }
        }
        Self.send(SIGUSR2)
        Self.send(SIGUSR1)
        try loop.run()
        #expect(arrived.sorted() == [SIGUSR1, SIGUSR2].sorted())
        sources.removeAll()
    }

    @Test func `a write to a connection that has gone is an error and not the end`() async {
        await #expect(processExitsWith: .success) {
            _ = signal(SIGPIPE, SIG_DFL)
            SignalSource.ignoreBrokenPipes()
            let pair = try SocketPair()
            pair.closeFar()
            let code = unsafe write(pair.near, "x", 1)
            #expect(code == -1 && errno == EPIPE)
        }
    }
}
