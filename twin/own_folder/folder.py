"""A new folder of one's own: from a shipped cell, or with what must be filled in."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from twin.arguments import checked_path
from twin.errors import ArgumentError, CellError, OutputError, unknown
from twin.files import make_folder, why_not_written
from twin.measured.folder import shipped_experiments
from twin.measured.measurements import FILES
from twin.own_folder.cell_file import NAME, cell_like, empty_cell
from twin.own_folder.other_files import other_files
from twin.own_folder.part_files import NEW_PARTS, empty_parts, parts_like
from twin.own_folder.texts import FILL_IN
from twin.parameter_sets import cells, load_cell

KINDS = {"full": "negative", "symmetric": "both"}
"""What a cell is called -> where its lithium interfaces are."""


@dataclass(frozen=True)
class Blank:
    """A line of a file in which only the user can say the value."""

    file: Path
    line: int
    key: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.key}"


def new_experiment(folder: str | Path, cell: str | None = None, *, kind: str | None = None) -> Path:
    """Write a folder of one's own, each line explained, and give its path.

    It is fitted, forecast and validated as the papers that ship: ``twin.fit(folder)``,
    ``twin.load_cell(folder / "cell.toml")``, ``twin.validate(folder)``.

    Parameters
    ----------
    folder : str or Path
        A new folder, or an empty one.
    cell : str, optional
        The shipped cell to begin with: its parts are taken over, with what was fitted of them. Without
        it the stack is empty: :func:`blanks` says what must be filled in before it runs.
    kind : "full" (the default) or "symmetric"
        Of an empty stack.

    Raises
    ------
    CellError : no such shipped cell. ArgumentError : a kind that there is none of, or one beside a cell.
    OutputError : a folder that is not empty, that cannot be written, or is called as a paper that ships.
    """
    folder = checked_path(folder)
    _check(folder)
    files = _files_like(cell, kind, folder) if cell is not None else _empty_files(kind, folder)
    return _written(folder, files)


def blanks(folder: str | Path) -> tuple[Blank, ...]:
    """What must be filled in before the cells of a folder run: file, line and key of each value."""
    found = []
    for path in sorted(checked_path(folder).glob("*.toml")):
        key = ""
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if text.startswith('["'):
                key = text.removeprefix('["').removesuffix('"]')
            word, _, value = text.partition(" = ")
            if value == f'"{FILL_IN}"' and word != "source":
                found.append(Blank(path, number, key if word == "value" else word))
    return tuple(found)


def _files_like(name: str, kind: str | None, folder: Path) -> dict[str, str]:
    if kind is not None:
        raise ArgumentError(f"{name} says itself which kind it is: leave out kind={kind!r}")
    if name not in cells():
        raise CellError(
            unknown(
                name, cells(), "a shipped cell (`twin cells`); a folder of your own is copied as it is"
            )
        )
    like = load_cell(name)
    parts = parts_like(like)
    own_kind = "full" if like.has_cathode else "symmetric"
    return {
        f"{NAME}.toml": cell_like(like),
        **{f"{part}.toml": text for part, text in parts.items()},
        **other_files(own_kind, NAME, like, parts, _title(folder, f"begun as {name}")),
    }


def _empty_files(kind: str | None, folder: Path) -> dict[str, str]:
    kind = "full" if kind is None else kind
    if kind not in KINDS:
        raise ArgumentError(unknown(kind, KINDS, "a kind of cell"))
    interfaces = KINDS[kind]
    parts = empty_parts(interfaces)
    named = {role: name for role, name in NEW_PARTS.items() if name in parts}
    return {
        f"{NAME}.toml": empty_cell(interfaces, named),
        **{f"{part}.toml": text for part, text in parts.items()},
        **other_files(kind, NAME, None, parts, _title(folder, f"a {kind} cell")),
    }


def _title(folder: Path, about: str) -> str:
    return f"{folder.resolve().name}: {about}"


def _check(folder: Path) -> None:
    """Raise OutputError unless the folder may be written."""
    try:
        name = folder.resolve().name
        there = os.path.lexists(folder)
        empty = folder.is_dir() and not any(folder.iterdir())
    except (OSError, RuntimeError, ValueError) as problem:  # a loop of links, a name that no file has
        raise OutputError(f"cannot make the folder {folder}: {problem}") from None
    if there and not empty:
        what = "is not empty" if folder.is_dir() else "is no folder"
        raise OutputError(f"{folder} {what}: name a new folder, or an empty one")
    if name in shipped_experiments():
        raise OutputError(
            f"{folder} is called as a paper that ships, and its fit could not be told from that one: "
            "take another name"
        )


def _written(folder: Path, files: dict[str, str]) -> Path:
    """The folder with its files, whole or not at all. Raises OutputError: it cannot be written."""
    make_folder(folder.absolute().parent)
    beside = None
    try:
        beside = Path(tempfile.mkdtemp(dir=folder.absolute().parent, prefix=".twin-new-"))
        for name, text in files.items():
            (beside / name).write_text(text, encoding="utf-8")
        (beside / FILES).mkdir()
        beside.chmod(0o755)
        beside.replace(folder.absolute())
    except OSError as problem:
        raise OutputError(f"cannot write {folder}: {why_not_written(problem)}") from None
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)
    return folder
