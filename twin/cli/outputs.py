"""Where a command writes: checked before the work, not after it."""

import contextlib
import os
from pathlib import Path

from twin.errors import OutputError


def check_writable(folder: Path | None):
    """Fail before the work, not after it."""
    if folder is None:
        return
    with contextlib.suppress(FileExistsError):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"cannot make the folder {folder}: {error.strerror}; name one that you may write to"
            ) from None
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise OutputError(f"cannot write to {folder}; name a folder that you may write to")
