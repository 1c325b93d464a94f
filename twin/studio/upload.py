"""A file dropped on the page: its pieces go to disk as they come, and no file is larger than allowed."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import panel as pn

LARGEST = 500_000_000
"""[bytes] of a file: a year of points every second. A longer one is read on the command line."""
PIECE = 5_000_000
"""[bytes] that travel at once: below what a websocket takes."""
LONGEST_NAME = 120
"""Characters of a file's name, of which the end says its form."""
TOO_LARGE = (
    f"the file is larger than {LARGEST // 1_000_000} MB: read it where it lies, with "
    "twin measurements FILE or in a folder of your own with twin update FOLDER"
)


class Upload(pn.widgets.FileDropper):
    """Where a file is dropped. `then(path)` is called with a whole file, `refuse(words)` instead of it.

    Panel's own widget keeps the pieces in memory until the file is whole; here they are written as they
    come, so that a file costs no memory, and the limit is held on this side of the wire too.
    """

    def __init__(self, then: Callable[[Path], None], refuse: Callable[[str], None], **options):
        super().__init__(
            max_file_size=f"{LARGEST // 1_000_000}MB", chunk_size=PIECE, previews=[], **options
        )
        self._then, self._refuse = then, refuse
        self._folder = tempfile.TemporaryDirectory(prefix="twin_studio_")
        self._coming: Path | None = None

    def close(self) -> None:
        """Nobody looks any more: what was dropped is deleted."""
        self._coming = None
        self._folder.cleanup()

    def take(self, name: str, piece: bytes, number: int, pieces: int) -> None:
        """Take the next of the pieces (from 1) of a file. A piece of a refused file is dropped."""
        if number == 1:
            self._coming = Path(self._folder.name) / safe(name)
            self._coming.write_bytes(b"")
        if self._coming is None or self._coming.name != safe(name):
            return
        if self._coming.stat().st_size + len(piece) > LARGEST:
            self._coming.unlink()
            self._coming = None
            self._refuse(TOO_LARGE)
            return
        with self._coming.open("ab") as file:
            file.write(piece)
        if number == pieces:
            whole, self._coming = self._coming, None
            self._then(whole)

    def _process_event(self, event) -> None:
        if event.event_name == "upload_event":
            told = event.data
            self.take(str(told["name"]), told["data"], int(told["chunk"]), int(told["total_chunks"]))


def safe(name: str) -> str:
    """A file's name without a folder in it, as it may stand in one of ours."""
    last = name.replace("\\", "/").rpartition("/")[2].replace("\0", "")
    return last[-LONGEST_NAME:] if last.strip(". ") else "file"
