"""What PyBaMM makes once for all runs, kept for later processes, which then need no PyBaMM.

Importing PyBaMM and building a circuit take longer than many runs together. What comes out of it is kept
as JSON, in the folder of compiled circuits (``library_folder``) and with a digest in front, under the
fingerprint of everything that decides it: the code that makes it, the versions of the libraries under
that, and what was asked. Whatever else lies there, damaged, foreign or of another version, is made anew.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twin.errors import OutputError
from twin.files import write_whole
from twin.results.fingerprint import fingerprint
from twin.simulators.library_folder import UnsafeFolderError, library_folder

MOST_KEPT = 64
"""Most things of a kind that are kept, the newest: code that changes leaves the others behind. A circuit
takes 2 MB, and all shipped cells together have seven of them."""


def kept(kind: str, about, make: Callable[[], Any], *, made_by: str) -> Any:
    """What `make` gives: found, where an earlier process kept it, or made now and kept.

    Parameters
    ----------
    kind : str
        How the names of the files begin.
    about : what JSON can hold
        What is asked for.
    make : callable
        Gives what JSON can hold; tuples come back as lists.
    made_by : str
        The module whose code `make` runs. A change of it, or of what it imports, is another thing made.
    """
    name = f"{kind}-{fingerprint(about, computed_by=(made_by,))}.json"
    folder = _folder()
    text = None if folder is None else _read(folder / name)
    if text is None:
        text = json.dumps(make()).encode()
        if folder is not None:
            _keep(folder, kind, name, text)
    return json.loads(text)


def _folder() -> Path | None:
    """Where things are kept; None where nobody can tell that it is the user's alone."""
    if os.name != "posix":
        return None
    try:
        return library_folder()
    except (UnsafeFolderError, OSError):  # compiled circuits are not kept there either, which is told
        return None


def _read(path: Path) -> bytes | None:
    """What was kept there under this name; None where there is nothing, or not the whole of it."""
    try:
        digest, _, text = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    return text if digest == _digest(path.name, text) else None


def _keep(folder: Path, kind: str, name: str, text: bytes) -> None:
    """Keep a text, if the folder can be written to, in place of the oldest of many."""
    content = _digest(name, text) + b"\n" + text
    with contextlib.suppress(OutputError, OSError):
        write_whole(folder / name, lambda beside: beside.write_bytes(content))
        made = sorted(folder.glob(f"{kind}-*.json"), key=lambda path: path.stat().st_mtime)
        for path in made[:-MOST_KEPT]:
            path.unlink()


def _digest(name: str, text: bytes) -> bytes:
    """Digest of a text with its name: what was kept under another name is not what is meant."""
    return hashlib.sha256(name.encode() + text).hexdigest().encode()
