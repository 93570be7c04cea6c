// SPDX-License-Identifier: MIT

/// A line of waiting members, in the order in which they came. Joining, leaving and finding the first cost the same
/// however many are in the line.
///
/// Confined to one event loop. A line retains its members until they leave.
final class WaitingLine<Member: AnyObject> {
    /// The place of one member, in this line or in none.
    final class Place {
        fileprivate(set) var member: Member?
        fileprivate var before: Place?
        fileprivate var behind: Place?

        /// True while the place is in a line.
        var isTaken: Bool { member != nil }
    }

    private var head: Place?
    private var tail: Place?
    private(set) var count = 0

    /// The member that has waited longest.
    var first: Member? { head?.member }

    /// Adds `member` at the end. Its place must be in no line.
    func join(_ member: Member, at place: Place) {
        assert(!place.isTaken, "nobody stands in two lines at one place")
        place.member = member
        place.before = tail
        tail?.behind = place
        tail = place
        if head == nil { head = place }
        count += 1
    }

    /// Removes a place from this line, in which it must be.
    func leave(_ place: Place) {
        assert(place.isTaken, "only who stands in a line leaves it")
        if place === head { head = place.behind }
        if place === tail { tail = place.before }
        place.before?.behind = place.behind
        place.behind?.before = place.before
        (place.member, place.before, place.behind) = (nil, nil, nil)
        count -= 1
    }
}
