#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the arrows between the rooms of Sources, and the sizes of types.

A room is a folder with Swift files. `Sources/rooms.txt` says which room may use which; a room uses another one when its
files name a type that the other one declares at the top level. What is not in the table, and a circle in it, is a fault.

    scripts/rooms.py [FOLDER]            check; prints the offending types
    scripts/rooms.py --print [FOLDER]    the arrows as they are, in the table's form

FOLDER has the sources and the table; it is `Sources` if none is named. Types are compared by name, so two rooms of a module
may not give a nested type the name of the other's top-level type.
"""

import collections
import pathlib
import re
import sys

FOLDERS = [argument for argument in sys.argv[1:] if argument != "--print"]
SOURCES = pathlib.Path(FOLDERS[0] if FOLDERS else "Sources")
TABLE = SOURCES / "rooms.txt"
MAX_TYPE_LINES = 400
ATTRIBUTES = r"(?:@\w+(?:\([^)]*\))?\s+|nonisolated\s+)*"
MODIFIERS = r"(?:(?:public|package|internal|fileprivate|private|final|indirect)\s+)*"
DECLARATION = re.compile(rf"^{ATTRIBUTES}{MODIFIERS}(?:struct|class|enum|protocol|actor|typealias)\s+(\w+)", re.M)
NESTED = re.compile(r"^\s*(?:\w+(?:\([^)]*\))? )*(?:struct|class|enum|protocol|typealias) (\w+)", re.M)
HIDDEN = re.compile(r"^(?:fileprivate|private)\s")
EXTENSION = re.compile(rf"^{ATTRIBUTES}{MODIFIERS}(struct|class|enum|extension)\s+(\w+)[^\n]*\{{\n(.*?)^\}}", re.M | re.S)


def code(text: str) -> str:
    """A file without its comments and string literals, whose words would look like types."""
    text = re.sub(r'""".*?"""', '""', text, flags=re.S)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)
    return re.sub(r"//[^\n]*", "", text)


def module(room: str) -> str:
    return room.split("/")[0]


def read() -> tuple[dict[str, dict[str, str]], dict[tuple[str, str], str]]:
    """The files of each room, and the room that declares each type of a module."""
    rooms: dict[str, dict[str, str]] = collections.defaultdict(dict)
    homes = {}
    for path in sorted(SOURCES.rglob("*.swift")):
        room = str(path.parent.relative_to(SOURCES))
        rooms[room][str(path)] = text = code(path.read_text())
        for match in DECLARATION.finditer(text):
            if not HIDDEN.match(match[0]):
                homes[module(room), match[1]] = room
    return rooms, homes


def arrows(rooms, homes) -> dict[tuple[str, str], set[str]]:
    """From room to room, the types by which."""
    found: dict[tuple[str, str], set[str]] = collections.defaultdict(set)
    for room, files in rooms.items():
        for text in files.values():
            visible = [module(room), *re.findall(r"^(?:\w+ )?import (\w+)", text, re.M)]
            own = {match[1] for match in NESTED.finditer(text)}
            for word in set(re.findall(r"(?<![.\w])[A-Z]\w*", text)) - own:
                home = next((homes[name, word] for name in visible if (name, word) in homes), room)
                if home != room:
                    found[room, home].add(word)
    return found


def read_table() -> dict[str, list[str]]:
    table = {}
    for line in TABLE.read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            room, uses = line.split(":")
            table[room.strip()] = uses.split()
    return table


def circle(table: dict[str, list[str]]) -> list[str]:
    """The rooms of a circle, empty if there is none."""
    done: set[str] = set()

    def visit(room: str, way: list[str]) -> list[str]:
        if room in way:
            return [*way[way.index(room):], room]
        if room in done:
            return []
        for used in table.get(room, []):
            if found := visit(used, [*way, room]):
                return found
        done.add(room)
        return []

    return next((found for room in table if (found := visit(room, []))), [])


def sizes(rooms) -> dict[str, int]:
    """Lines of each type, its extensions in its own module with it."""
    lines: dict[str, int] = collections.defaultdict(int)
    for room, files in rooms.items():
        for text in files.values():
            for _, name, body in EXTENSION.findall(text):
                lines[f"{module(room)}.{name}"] += body.count("\n") + 2
    return lines


def main() -> int:
    rooms, homes = read()
    found = arrows(rooms, homes)
    if "--print" in sys.argv:
        for room in sorted(rooms):
            print(f"{room}: {' '.join(sorted(used for user, used in found if user == room))}")
        return 0
    table = read_table()
    faults = [f"{room} stands in no line of {TABLE}" for room in rooms if room not in table]
    faults += [f"{TABLE} names {room}, which has no Swift file" for room in table if room not in rooms]
    for (room, used), types in sorted(found.items()):
        if used not in table.get(room, []):
            faults.append(f"{room} may not use {used}, but names {', '.join(sorted(types))}")
    faults += [f"{room} need not be allowed {used}" for room, uses in table.items() for used in uses
               if (room, used) not in found]
    if way := circle(table):
        faults.append(f"a circle of rooms: {' → '.join(way)}")
    faults += [f"{name} has {count} lines with its extensions, more than {MAX_TYPE_LINES}"
               for name, count in sizes(rooms).items() if count > MAX_TYPE_LINES]
    for fault in faults:
        print(f"  {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
