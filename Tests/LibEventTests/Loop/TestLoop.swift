// SPDX-License-Identifier: MIT
import LibEvent
import Testing

/// A loop for one test. Keeps the objects made on it until it has run, and ends after ten seconds at the latest.
final class TestLoop {
    let loop: EventLoop
    private var limit: LoopTimer?
    private var kept: [AnyObject] = []
    private var hasTimedOut = false

    init() throws {
        loop = try EventLoop()
    }

    /// Calls `action` when any thread signals the wakeup.
    func wakeup(_ action: @escaping () -> Void) throws -> Wakeup { keep(try Wakeup(on: loop, action)) }

    /// Calls `action` once per start.
    func timer(isRepeating: Bool = false, _ action: @escaping () -> Void) throws -> LoopTimer {
        keep(try LoopTimer(on: loop, isRepeating: isRepeating, action))
    }

    /// Keeps an object that belongs to the loop.
    func keep<Object: AnyObject>(_ object: Object) -> Object {
        kept.append(object)
        return object
    }

    func stop() { loop.stop() }

    /// Runs until `stop()`.
    func run(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let limit = try LoopTimer(on: loop, isRepeating: false) { [unowned self] in
            hasTimedOut = true
            stop()
        }
        self.limit = limit
        limit.start(after: .seconds(10))
        loop.run()
        self.limit = nil
        // Their closures usually hold on to this object.
        kept.removeAll()
        if hasTimedOut { Issue.record("the loop was not stopped in time", sourceLocation: sourceLocation) }
    }
}
