// SPDX-License-Identifier: MIT

/// A line of those who wait, in the order of their coming. To join, to leave and to ask who has waited longest costs the same however many
/// stand in the line.
///
/// Confined to one event loop. A line holds its members until they leave.
final class WaitingLine<Member: AnyObject> {
    /// One member's place, in this line or in none.
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

    /// Puts `member` at the end. Its place must be in no line.
    func join(_ member: Member, at place: Place) {
        assert(!place.isTaken, "nobody stands in two lines at one place")
        place.member = member
        place.before = tail
        tail?.behind = place
        tail = place
        if head == nil { head = place }
        count += 1
    }

    /// Takes a place of this line out of it.
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
