"""Files that are written whole or not at all, netCDF ones read back, and TOML ones that people write."""

import contextlib
import errno
import functools
import hashlib
import os
import platform
import re
import stat
import tempfile
import textwrap
import threading
import tomllib
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.arguments import checked_path
from twin.errors import DatasetError, OutputError, TwinError, shown

if TYPE_CHECKING:  # xarray takes half a second to import, and a TOML file does not need it
    import numpy as np
    import xarray as xr

LARGEST_DATASET = 8_000_000_000
"""Largest Dataset that is read [bytes]: it is held in memory whole. A forecast of 2000 draws over 800
cycles takes 0.5 GB."""
PROBE = 1_000_000
"""Bytes that a plain write tries where the netCDF library failed, to learn from the system why."""
ONE_AT_A_TIME = threading.RLock()
"""Held by whoever reads or writes netCDF: the HDF5 library below it is not made for several threads, and
two of them (two sessions of a studio) end the whole process."""
LONGEST_REASON = 200
"""Characters of a library's own words that an error repeats."""

LARGEST_TOML = 1_000_000
"""Largest TOML file that is read [bytes]: a hundred times what ships; nobody writes more by hand."""


LONGEST_TOML_LINE = 4_000
"""Longest line of a TOML file [characters]: the time to parse a dotted key grows as its length squared.

It also keeps numbers below the 4300 digits that Python converts."""


def save(data: "xr.Dataset | xr.DataTree", path: str | Path) -> Path:
    """Write a Dataset, or a DataTree of groups, as netCDF, whole or not at all.

    Raises DatasetError: no Dataset, or one that holds what netCDF cannot. OutputError: not writable.
    """
    if not hasattr(data, "to_netcdf"):
        raise DatasetError(f"save takes an xarray.Dataset, not {shown(data)}")

    def write(beside: Path):
        try:
            with ONE_AT_A_TIME:
                data.to_netcdf(beside, engine="netcdf4")
        except RuntimeError as problem:  # the netCDF library does not say why; a plain write does
            with beside.open("ab") as file:
                file.write(bytes(PROBE))
            raise OSError(None, _first_line(problem)) from None
        except (TypeError, ValueError) as problem:
            raise DatasetError(
                f"cannot write {path}: the Dataset holds what netCDF cannot: {_first_line(problem)}"
            ) from None

    return write_whole(checked_path(path), write)


def load(path: str | Path, *, group: str | None = None) -> "xr.Dataset":
    """Read what :func:`save` wrote; of a file with groups the one named, or what stands above them.

    Raises DatasetError: no such file; a folder, a pipe or a device; no netCDF file, or one that xarray
    cannot decode; more than ``LARGEST_DATASET`` bytes of numbers.
    """
    import xarray as xr

    path = checked_path(path)
    check_regular(path, DatasetError)
    try:
        with ONE_AT_A_TIME, warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Duplicate dimension names")
            with xr.open_dataset(path.absolute(), engine="netcdf4", group=group) as data:
                if data.nbytes <= LARGEST_DATASET:
                    return data.load()
                size = data.nbytes
    except Exception as problem:  # a foreign file: what netCDF4 and xarray raise has no common base
        raise DatasetError(f"cannot read {path} as netCDF: {_first_line(problem)}") from None
    raise DatasetError(
        f"{path} holds {size / 1e9:,.0f} GB of numbers; at most {LARGEST_DATASET / 1e9:g} GB are read: "
        "write what you need of it into a smaller file (xarray.open_dataset reads in part)"
    )


def load_groups(path: str | Path, *, only: Sequence[str] | None = None) -> "xr.DataTree":
    """Read a file with groups that :func:`save` wrote, the draws of a fit: all, or the ones named.

    A group of `only` that the file does not have is left out. Raises DatasetError: as :func:`load`.
    """
    import netCDF4
    import xarray as xr

    above = load(path)
    with ONE_AT_A_TIME, netCDF4.Dataset(path) as file:
        names = [name for name in file.groups if only is None or name in only]
    return xr.DataTree.from_dict({"/": above, **{name: load(path, group=name) for name in names}})


def save_arrays(path: Path, arrays: "Mapping[str, np.ndarray]") -> Path:
    """Write arrays (no pickle), whole or not at all. Raises OutputError: cannot be written."""
    import numpy as np

    def write(beside: Path):
        with beside.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)

    return write_whole(path, write)


def load_arrays(path: Path) -> "dict[str, np.ndarray] | None":
    """Read what :func:`save_arrays` wrote; None where there is nothing, or nothing that can be read."""
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as found:
            return {name: found[name] for name in found.files} or None
    except Exception:  # of half a file: what zipfile, zlib and numpy raise has no common base
        return None


def write_whole(path: Path, write: Callable) -> Path:
    """Let `write(beside)` write a file beside `path`, then rename it: whole or not at all.

    What processes that were killed have left in the folder is removed first.

    Raises OutputError: a full disk, no permission, too long a name; what stood there before stays.
    """
    if "\0" in str(path):
        raise OutputError(f"cannot write {shown(str(path))}: no file can have such a name")
    try:
        make_folder(path.parent)
    except OutputError as error:
        raise OutputError(f"cannot write {path}: {error}") from None
    beside = None
    try:
        _remove_leftovers(path.parent.absolute())
        prefix = f"{_unfinished()}{os.getpid()}-"
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=prefix, suffix=path.suffix)
        os.close(handle)
        beside = Path(name)
        write(beside)
        beside.chmod(0o644)
        beside.replace(path)
    except OSError as problem:
        raise OutputError(f"cannot write {path}: {why_not_written(problem)}") from None
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)
    return path


def make_folder(folder: Path) -> None:
    """Make a folder and those above it. Raises OutputError: it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except RecursionError:  # Path.mkdir calls itself for each folder above
        raise OutputError(
            f"cannot make the folder {shown(str(folder))}: it lies in too many others"
        ) from None
    except (OSError, ValueError) as problem:  # ValueError: no folder can have such a name
        reason = why_not_written(problem) if isinstance(problem, OSError) else problem
        raise OutputError(f"cannot make the folder {folder}: {reason}") from None


def check_writable(folder: Path) -> None:
    """Make a folder, and write into it on trial. Raises OutputError: it cannot be made or written to."""
    make_folder(folder)
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        raise OutputError(f"cannot write to {folder}: {why_not_written(problem)}") from None


def why_not_written(problem: OSError) -> str:
    """Why the operating system did not write, in words, and what to do."""
    number = problem.errno
    if number in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; make room, or name a folder on another one"
    if number == errno.EFBIG:
        return "the file is larger than you may write here (ulimit -f); name another folder"
    reason = problem.strerror or _first_line(problem)
    if number == errno.ENAMETOOLONG:
        return f"{reason}; take a shorter name"
    return f"{reason}; name a folder that you may write to"


@functools.cache
def _unfinished() -> str:
    """How the names of unfinished files of this machine begin; the number of the process comes next."""
    return f".twin-{hashlib.sha256(platform.node().encode()).hexdigest()[:8]}-"


@functools.cache  # once a folder: a study writes thousands of files into one
def _remove_leftovers(folder: Path) -> None:
    """Remove the unfinished files of processes of this machine that run no more."""
    if os.name != "posix":
        return
    of_this_machine = re.compile(rf"{re.escape(_unfinished())}(\d+)-")
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            found = of_this_machine.match(path.name)
            if found and not _runs(int(found[1])):
                path.unlink()


def _runs(process: int) -> bool:
    """Whether a process of that number runs on this machine."""
    try:
        os.kill(process, 0)  # signal 0 asks only
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # it is somebody else's
        return True
    return True


def _first_line(problem: Exception) -> str:
    """What an exception of a library says, on one line of sane length."""
    text = str(problem).strip() or type(problem).__name__
    return textwrap.shorten(text.splitlines()[0], LONGEST_REASON, placeholder=" …")


def read_toml(path: str | Path, error: type[TwinError]) -> dict[str, Any]:
    """The content of a TOML file, UTF-8 with or without a byte order mark.

    Raises
    ------
    error
        No such file; a folder, a pipe or a device; more than ``LARGEST_TOML`` bytes; a line of more than
        ``LONGEST_TOML_LINE`` characters; text that is not UTF-8 or not TOML (a key that stands twice,
        tables too deep in each other), with the line where it breaks.
    """
    path = checked_path(path)
    text = read_text(path, error, largest=LARGEST_TOML)
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


def line_of(path: str | Path, key: str, within: Sequence[str] = ()) -> int:
    """Line of a TOML file where the table or the entry of a key stands; 1 where none does.

    `within` are names of tables around it: it is sought from where the header says all of them, then the
    first of them.
    """
    lines = Path(path).read_text(encoding="utf-8-sig").split("\n")
    begin = 0
    for around in (within, within[:1]) if within else ():
        headers = (
            number
            for number, line in enumerate(lines)
            if line.startswith("[") and all(word in line for word in around)
        )
        if (first := next(headers, None)) is not None:
            begin = first
            break
    for sought in (f'"{key}"', key):
        for number, line in enumerate(lines[begin:], start=begin + 1):
            if sought in line and not line.lstrip().startswith("#"):
                return number
    return begin + 1


def read_text(path: str | Path, error: type[TwinError], *, largest: int) -> str:
    """The text of a file that people write: UTF-8, with or without a byte order mark.

    Raises `error`: no such file; a folder, a pipe or a device; more than `largest` bytes; no UTF-8.
    """
    path = checked_path(path)
    check_regular(path, error)
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as problem:
        raise error(f"{path}: cannot be read: {problem.strerror or problem}") from None
    if len(content) > largest:
        raise error(
            f"{path}: has more than {largest / 1e6:g} MB; what people write by hand is far smaller, so "
            "this is another file"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise error(f"{path}, line {line}: is not UTF-8 text; save it as UTF-8") from None


def check_regular(path: Path, error: type[TwinError]) -> None:
    """Raise `error` unless there is a regular file: a pipe would be waited for, a device has no end."""
    try:
        is_regular = stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError) as problem:  # ValueError: no file can have such a name
        reason = getattr(problem, "strerror", None) or problem
        raise error(f"{path}: cannot be read: {reason}") from None
    if not is_regular:
        raise error(f"{path}: is a folder, a pipe or a device, not a file")
