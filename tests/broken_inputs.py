"""Inputs as somebody might break them: files of other types, words, sizes and bytes."""

import copy
import csv
import datetime
import io
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path

import tomli_w

import twin
from twin.parameter_sets import shipped

ODD_VALUES = (
    0, -1, 7, 10**400, -(10**30), 1.5, -2.5, 1e300, -1e-300, 1e-320, float("nan"), float("inf"), True,
    "", " ", "x", "0.1", "1e-7", "100 nm", "nan", "Li_LGPS", "../../etc/passwd", "/dev/zero", "x" * 3000,
    "\n", "\x1b[31m", "ä", "{current}", [], [1], ["a"], [[1]], ["LGPS"] * 500, {}, {"value": 1}, [{}],
    datetime.date(2020, 1, 1), datetime.time(1, 2), "Charge at 1C until 4.2 V",
)  # fmt: skip
"""What may stand where something else belongs."""
ODD_KEYS = (
    "",
    "value",
    "Coating thicknes [m]",
    "parts",
    "x" * 300,
    "a.b",
    "[",
    "draws",
    "prior",
    "\n",
    "0",
)
"""Keys that may stand where others belong."""


def altered_tree(tree: dict, chance: random.Random) -> dict:
    """The content of a TOML file with one place of it, at any depth, otherwise."""
    tree = copy.deepcopy(tree)
    places = list(_places(tree))
    holder, key = chance.choice(places)
    way = chance.choice(("value", "value", "value", "gone", "other key", "twice", "deep", "swapped"))
    if way == "value":
        holder[key] = chance.choice(ODD_VALUES)
    elif way == "gone":
        del holder[key]
    elif way == "other key" and isinstance(holder, dict):
        holder[chance.choice(ODD_KEYS)] = holder.pop(key)
    elif way == "twice" and isinstance(holder, dict):
        holder[chance.choice(ODD_KEYS)] = copy.deepcopy(holder[key])
    elif way == "deep":
        for _ in range(chance.choice((1, 50))):
            holder[key] = [holder[key]] if chance.random() < 0.5 else {"a": holder[key]}
    else:
        other_holder, other_key = chance.choice(places)
        holder[key] = copy.deepcopy(other_holder[other_key])
    return tree


def _places(tree) -> Iterator[tuple]:
    """Every (holder, key or number) of a tree of tables and lists."""
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in list(entries):
        yield tree, key
        if isinstance(value, dict | list):
            yield from _places(value)


def altered_bytes(content: bytes, chance: random.Random) -> bytes:
    """A file with some bytes otherwise: cut, flipped, doubled, in another encoding."""
    place = chance.randrange(len(content))
    way = chance.choice(
        ("cut", "flip", "flip", "line gone", "line twice", "zeros", "utf-16", "inserted")
    )
    lines = content.split(b"\n")
    line = chance.randrange(len(lines))
    if way == "cut":
        return content[:place]
    if way == "flip":
        return (
            content[:place] + bytes([content[place] ^ chance.randrange(1, 256)]) + content[place + 1 :]
        )
    if way == "line gone":
        return b"\n".join(lines[:line] + lines[line + 1 :])
    if way == "line twice":
        return b"\n".join(lines[: line + 1] + lines[line:])
    if way == "zeros":
        return content[:place] + bytes(40) + content[place + 40 :]
    if way == "utf-16":
        return content.decode("latin-1").encode("utf-16")
    inserted = chance.choice(
        (b"\x00", b"\xff", b"[", b"]]", b'"""', b"=", b"'", b"\r", b"#", b"1e999999")
    )
    return content[:place] + inserted + content[place:]


def altered_toml(content: bytes, chance: random.Random) -> bytes:
    """A TOML file with another tree, or with other bytes."""
    if chance.random() < 0.25:
        return altered_bytes(content, chance)
    tree = altered_tree(tomllib.loads(content.decode("utf-8")), chance)
    if chance.random() < 0.2:
        tree = altered_tree(tree, chance) if tree else tree
    return tomli_w.dumps(tree).encode("utf-8")


ODD_CELLS = (
    "", "x", "nan", "inf", "-1", "1e400", "0", "fit", "validate", "event", "bananas", "N h", "cycle 1e9",
    "Coating thickness [m]=1", "=", "x" * 2000, "\0", '"', "1_0", "lower_bound", "../x",
)  # fmt: skip
"""What may stand in a cell of a table."""


def altered_csv(content: bytes, chance: random.Random) -> bytes:
    """A table with a cell, a line or some bytes otherwise."""
    if chance.random() < 0.25:
        return altered_bytes(content, chance)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8"))))
    line = chance.randrange(len(rows))
    column = chance.randrange(len(rows[line]))
    way = chance.choice(("cell", "cell", "cell", "another line's", "twice", "short"))
    if way == "cell":
        rows[line][column] = chance.choice(ODD_CELLS)
    elif way == "another line's":
        rows[line][column] = chance.choice(rows)[column]
    elif way == "twice":
        rows.insert(line, rows[line])
    else:
        rows[line] = rows[line][:column]
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode("utf-8")


def files_of_cell(name: str) -> dict[str, bytes]:
    """The files of a shipped cell, as a user would copy them beside each other: file name -> content."""
    cell = twin.load_cell(name)
    folder = shipped("parameter_sets")
    found = {f"{name}.toml": (folder / "cells" / f"{name}.toml").read_bytes()}
    for part in sorted({entry.part for entry in cell.parameters.values()}):
        path = (folder / part).with_suffix(".toml")
        if not part.startswith(("cells/", "common")) and path.is_file():
            found[path.name] = path.read_bytes()
    return found


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Write files into a new folder."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
