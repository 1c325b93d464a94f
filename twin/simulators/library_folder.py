"""Where circuits are kept: a folder of the user's own, each library whole or not there at all.

A library is code that runs with the user's rights. It is loaded only from a folder that nobody else can
have written to, and only if it is what was once compiled: a digest stands beside it. The two appear
together, when the folder that holds them is given its name::

    circuit-<fingerprint>/circuit.so, digest
    compiling.lock                    held by the one process that compiles
    compiling-<random>/               what it works on; left behind only if the process was killed
    given-up-<fingerprint>            why a compiler was given up, for an hour
    <kind>-<fingerprint>.json         what PyBaMM has made (``kept``)
"""

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

LIBRARY = "circuit.so"
"""File name of a library, in a folder of its own."""

DIGEST = "digest"
"""File name of the digest beside it."""

WORKSHOP = "compiling-"
"""How the names of folders begin in which a library is being compiled."""

PRIVATE = 0o700
"""Mode of the folder: its owner may do everything, nobody else anything."""

WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
"""Bits of a mode that let somebody else write."""

LONGEST_WAIT = 360.0
"""[s] A process waits so long for another one to compile: twice as long as a compiler may take."""

RETRY_AFTER = 3600.0
"""[s] A compiler that was given up is tried again after this time."""

TEMPORARY = f"assb-twin-{WORKSHOP}"
"""As ``WORKSHOP``, in the temporary folder of the system."""

ABANDONED_AFTER = 600.0
"""[s] A workshop in the temporary folder is a killed process's when it is older than any compilation."""


class UnsafeFolderError(Exception):
    """A folder in which somebody else may have put what would be run; its text says which and why."""


def library_folder() -> Path:
    """The folder in the user's cache, made if there is none, and checked.

    Raises
    ------
    UnsafeFolderError : somebody else may have written to it.
    OSError : it cannot be made.
    """
    folder = user_cache_path("assb-twin")
    with contextlib.suppress(FileExistsError):
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=PRIVATE)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):  # lstat: nor a link to a folder
        raise UnsafeFolderError(f"{folder} is no folder, or a link to one; remove it")
    if found.st_uid != os.geteuid():
        raise UnsafeFolderError(f"{folder} belongs to another user; remove it")
    if found.st_mode & WRITABLE_BY_OTHERS:
        raise UnsafeFolderError(f"others may write to {folder}; remove it")
    check_place(folder)
    if stat.S_IMODE(found.st_mode) != PRIVATE:
        folder.chmod(PRIVATE)
    return folder


def check_place(folder: Path) -> None:
    """Raise UnsafeFolderError where everybody may put another folder in the place of this one."""
    for parent in {*folder.absolute().parents, *folder.resolve().parents}:  # links on the way, too
        mode = parent.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise UnsafeFolderError(
                f"everybody may replace what stands in {parent}; set its sticky bit (chmod +t), or set "
                "XDG_CACHE_HOME to a folder elsewhere"
            )


def library(folder: Path, name: str, build: Callable[[Path], None]) -> Path:
    """The library that `folder` keeps under `name`, built if there is none or not a whole one.

    Parameters
    ----------
    folder : Path
        As :func:`library_folder` gives it.
    name : str
    build : callable
        Writes the library to the path that it is given. One process at a time does, the others wait.

    Raises
    ------
    filelock.Timeout : another process builds for longer than ``LONGEST_WAIT``.
    OSError, NotImplementedError : nothing can be written or locked in the folder.
    """
    if is_whole(folder / name):
        return folder / name / LIBRARY
    with FileLock(folder / "compiling.lock", timeout=LONGEST_WAIT):
        if not is_whole(folder / name):
            _remove_leftovers(folder)
            with tempfile.TemporaryDirectory(dir=folder, prefix=WORKSHOP) as own:
                build(Path(own) / LIBRARY)
                _keep(Path(own), folder / name)
    return folder / name / LIBRARY


def is_whole(kept: Path) -> bool:
    """Whether the folder of a library holds what was put there under its name."""
    try:
        return (kept / DIGEST).read_bytes() == _digest(kept.name, kept / LIBRARY)
    except OSError:
        return False


def _digest(name: str, library: Path) -> bytes:
    """Digest of a library with its name: one that was kept under another name is not the one meant."""
    return hashlib.sha256(name.encode() + library.read_bytes()).hexdigest().encode()


def _keep(own: Path, kept: Path) -> None:
    """Put the library that was built in `own` where it is kept, in place of a broken one."""
    ready = own / kept.name
    ready.mkdir()
    (own / LIBRARY).rename(ready / LIBRARY)
    (ready / DIGEST).write_bytes(_digest(kept.name, ready / LIBRARY))
    with contextlib.suppress(FileNotFoundError):
        kept.rename(own / "broken")
    ready.rename(kept)


def _remove_leftovers(folder: Path) -> None:
    """Remove what killed processes have left: this one holds the lock, so that nobody works on it."""
    for left in folder.glob(f"{WORKSHOP}*"):
        shutil.rmtree(left, ignore_errors=True)


@contextlib.contextmanager
def temporary_workshop() -> Iterator[Path]:
    """A new private folder to compile in where nothing can be kept; it is removed at the end.

    Raises
    ------
    UnsafeFolderError : somebody else could put another folder in its place.
    OSError : it cannot be made.
    """
    place = Path(tempfile.gettempdir())
    for left in place.glob(f"{TEMPORARY}*"):
        with contextlib.suppress(OSError):  # somebody else's, or gone by now
            found = left.lstat()
            if found.st_uid == os.geteuid() and time.time() - found.st_mtime > ABANDONED_AFTER:
                shutil.rmtree(left)
    with tempfile.TemporaryDirectory(dir=place, prefix=TEMPORARY) as own:
        check_place(Path(own))
        yield Path(own)


def give_up(folder: Path, compiler: str, why: str) -> None:
    """Note, for an hour, that a compiler is of no use."""
    with contextlib.suppress(OSError):
        _note(folder, compiler).write_text(why, encoding="utf-8")


def given_up(folder: Path, compiler: str) -> str | None:
    """Why a compiler was given up, within the last hour; None where it was not."""
    note = _note(folder, compiler)
    try:
        recent = time.time() - note.stat().st_mtime < RETRY_AFTER
        return note.read_text(encoding="utf-8") if recent else None
    except (OSError, UnicodeDecodeError):
        return None


def _note(folder: Path, compiler: str) -> Path:
    return folder / f"given-up-{hashlib.sha256(compiler.encode()).hexdigest()[:24]}"
