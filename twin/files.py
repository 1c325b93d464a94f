"""Files that are written whole or not at all, netCDF ones read back, and TOML ones that people write."""

import os
import stat
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.errors import ObservationError, OutputError, TwinError

if TYPE_CHECKING:  # xarray takes half a second to import, and a TOML file does not need it
    import xarray as xr

LARGEST_TOML = 1_000_000
"""Largest TOML file that is read [bytes]: a hundred times what ships; nobody writes more by hand."""


LONGEST_TOML_LINE = 4_000
"""Longest line of a TOML file [characters]: the time to parse a dotted key grows as its length squared.

It also keeps numbers below the 4300 digits that Python converts."""


def save(data: "xr.Dataset", path: str | Path) -> Path:
    """Write a Dataset as netCDF, whole or not at all. Raises OutputError: cannot be written."""
    path = Path(path)

    def write(beside):
        data.to_netcdf(beside, engine="netcdf4")

    return write_whole(path, write)


def write_whole(path: Path, write) -> Path:
    """Let `write(path)` write beside `path`, then rename. Raises OutputError: not writable."""
    beside = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
        os.close(handle)
        beside = Path(name)
        write(beside)
        beside.chmod(0o644)
        beside.replace(path)
    except OSError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror or error}; name a folder that you may write to"
        ) from None
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)
    return path


def load(path: str | Path) -> "xr.Dataset":
    """Read what :func:`save` wrote. Raises ObservationError: not a readable netCDF file."""
    import xarray as xr

    try:
        with xr.open_dataset(path, engine="netcdf4") as data:
            return data.load()
    except (OSError, ValueError) as error:
        raise ObservationError(f"cannot read {path} as netCDF: {error}") from None


def read_toml(path: str | Path, error: type[TwinError]) -> dict[str, Any]:
    """The content of a TOML file, UTF-8 with or without a byte order mark.

    Raises
    ------
    error
        No such file; a folder, a pipe or a device; more than ``LARGEST_TOML`` bytes; a line of more than
        ``LONGEST_TOML_LINE`` characters; text that is not UTF-8 or not TOML (a key that stands twice,
        tables too deep in each other), with the line where it breaks.
    """
    path = Path(path)
    text = _text(path, error)
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LONGEST_TOML_LINE:
            raise error(
                f"{path}: line {number} has {len(line)} characters; at most {LONGEST_TOML_LINE} are "
                "read, so break the line up"
            )
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise error(f"{path}: not readable as TOML: lists or tables are nested too deeply") from None
    except tomllib.TOMLDecodeError as problem:
        raise error(f"{path}: not readable as TOML: {problem}") from None


def line_of(path: str | Path, key: str) -> int:
    """Line of a TOML file where the table or the entry of a key stands; 1 where none does."""
    lines = Path(path).read_text(encoding="utf-8-sig").split("\n")
    for sought in (f'"{key}"', key):
        for number, line in enumerate(lines, start=1):
            if sought in line and not line.lstrip().startswith("#"):
                return number
    return 1


def _text(path: Path, error: type[TwinError]) -> str:
    """The text of a regular file of sane size."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise error(f"{path}: is a folder, a pipe or a device, not a file")
        with path.open("rb") as file:
            content = file.read(LARGEST_TOML + 1)
    except (OSError, ValueError) as problem:  # ValueError: no file can have such a name
        reason = getattr(problem, "strerror", None) or problem
        raise error(f"{path}: cannot be read: {reason}") from None
    if len(content) > LARGEST_TOML:
        raise error(
            f"{path}: has more than {LARGEST_TOML / 1e6:g} MB; a file of parameters, protocols or a "
            "study is far smaller, so this is another file"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise error(f"{path}, line {line}: is not UTF-8 text; save it as UTF-8") from None
