"""Copies of a shipped experiment, to be broken."""

import shutil
from pathlib import Path

from twin.measured.folder import folder_of

HEADER = "id,cell,settings,protocol,at,observable,value,unit,kind,role,where,note"


def copy_of(experiment: str, folder: Path) -> Path:
    """A folder of the user's own with the same content."""
    return Path(shutil.copytree(folder_of(experiment), folder / "mine"))


def change(path: Path, old: str, new: str) -> None:
    """Replace the first place where `old` stands, which must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def write_rows(folder: Path, *lines: str, header: str = HEADER) -> Path:
    """A file of rows."""
    path = folder / "rows.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path
