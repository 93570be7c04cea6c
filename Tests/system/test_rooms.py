# SPDX-License-Identifier: MIT
"""scripts/rooms.py finds what it is there to find: arrows that are not in the table, circles, and types that are too long."""
import pathlib
import subprocess
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def rooms(folder: pathlib.Path) -> tuple[int, str]:
    """The exit status and the output of the check of `folder`."""
    ended = subprocess.run(
        [sys.executable, REPOSITORY / "scripts/rooms.py", folder], capture_output=True, text=True, timeout=60)
    return ended.returncode, ended.stdout + ended.stderr


@pytest.fixture
def house(tmp_path: pathlib.Path):
    """A function that writes a house: its table, and its files by their paths."""

    def build(table: str, **files: str) -> pathlib.Path:
        (tmp_path / "rooms.txt").write_text(table)
        for name, text in files.items():
            path = tmp_path / (name.replace("__", "/") + ".swift")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return build


def test_a_house_as_its_table_says_has_no_fault(house):
    folder = house(
        "M/Upper: M/Lower\nM/Lower:\n", M__Upper__A="struct A { let b: B }\n", M__Lower__B="struct B {}\n")
    assert rooms(folder) == (0, "")


def test_an_arrow_that_is_not_in_the_table_is_told_with_its_types(house):
    folder = house(
        "M/Upper: M/Lower\nM/Lower:\n", M__Upper__A="struct A { let b: B }\n",
        M__Lower__B="struct B {}\nextension A {}\n")
    status, output = rooms(folder)
    assert status == 1
    assert "M/Lower may not use M/Upper, but names A" in output


def test_a_circle_is_told_even_if_the_table_allows_it(house):
    folder = house(
        "M/A: M/B\nM/B: M/C\nM/C: M/A\n", M__A__A="struct A { let b: B }\n", M__B__B="struct B { let c: C }\n",
        M__C__C="enum C { case a(A) }\n")
    status, output = rooms(folder)
    assert status == 1
    assert "a circle of rooms: M/A → M/B → M/C → M/A" in output


def test_words_in_comments_and_texts_are_no_arrows(house):
    folder = house(
        "M/A:\nM/B:\n", M__A__A="struct A {\n    // B is elsewhere.\n    let b = \"B\"\n}\n", M__B__B="struct B {}\n")
    assert rooms(folder) == (0, "")


def test_a_type_is_measured_over_all_its_extensions(house):
    body = "    let value = 1\n" * 250
    folder = house(
        "M/A:\nM/B: M/A\n", M__A__A="struct A {\n" + body + "}\n", M__B__B="extension A {\n" + body + "}\n")
    status, output = rooms(folder)
    assert status == 1
    assert "M.A has 504 lines with its extensions, more than 400" in output


def test_a_room_without_a_line_and_a_line_without_a_room_are_told(house):
    folder = house("M/Gone:\n", M__New__A="struct A {}\n")
    status, output = rooms(folder)
    assert status == 1
    assert "M/New stands in no line" in output
    assert "M/Gone, which has no Swift file" in output
