"""A file as it was when it was opened, for one that a cycler still writes."""

import io
from pathlib import Path


class FileSoFar(io.RawIOBase):
    """`lead`, then the bytes that a file had when it was opened, whatever is appended meanwhile."""

    def __init__(self, path: Path, lead: bytes):
        self.lead = lead
        self.file = path.open("rb")
        self.size = self.file.seek(0, io.SEEK_END)
        self.file.seek(0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if self.lead:
            content, self.lead = self.lead[: len(buffer)], self.lead[len(buffer) :]
            buffer[: len(content)] = content
            return len(content)
        left = self.size - self.file.tell()
        content = self.file.read(max(0, min(len(buffer), left)))
        buffer[: len(content)] = content
        return len(content)

    def grown(self) -> bool:
        """True where the file has more bytes now."""
        place = self.file.tell()
        grown = self.file.seek(0, io.SEEK_END) > self.size
        self.file.seek(place)
        return grown

    def ends_with_a_line(self) -> bool:
        """True where the last line was whole when the file was opened."""
        place = self.file.tell()
        self.file.seek(max(0, self.size - 2))
        last = self.file.read(2)
        self.file.seek(place)
        return b"\n" in last or b"\r" in last

    def close(self) -> None:
        self.file.close()
        super().close()
