"""Where Optuna keeps studies: what a storage is called, who may use it, and why it cannot be opened.

A SQLite file ("sqlite:///fits.db") holds one command at a time. A journal ("journal:///fits.log"), a
Redis server and any database server that SQLAlchemy knows ("postgresql://…") take several at once.
"""

import contextlib
import os
import re
import sqlite3
import time
from pathlib import Path

import optuna
from filelock import FileLock, Timeout
from optuna.storages import BaseStorage, InMemoryStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock, JournalRedisBackend

from twin.arguments import checked_kind
from twin.errors import StudyError, shown

EXAMPLES = '"sqlite:///fits.db", "journal:///fits.log" or "postgresql://host/fits"'
"""What storages look like, for the errors."""
LOCK_PATIENCE = 10
"""Seconds after which the lock of a journal is broken, whose holder was killed: an append takes
milliseconds."""
SECOND_TRY = 1.0
"""Seconds after which a database server is tried again: of several commands that find it empty at once,
one alone can make the tables."""
ASKED_FIRST = {"pool_pre_ping": True}
"""A connection to a database server is asked whether it still stands before it is used: between two
trials of a long fit, the server may have been started anew, or a firewall have dropped it."""
POSTGRESQL_TALKS = {"client_encoding": "utf8"}
"""PostgreSQL is to send text as UTF-8: a database in SQL_ASCII knows no encoding, and sends bytes."""
PASSWORDS = (
    r"(://[^:/@?]*:).*(@)",
    r"(^[^:/@?]*:(?!//)).*(@)",
    r"([?&](?:password|sslpassword)=)[^&#]*()",
)
"""Where a password may stand: in a URL behind the user and up to the last @, the same where "://" was
forgotten, or in an option of libpq."""
JOURNAL_START = b'{"op_code":'
"""How each line of a journal of Optuna begins."""


@contextlib.contextmanager
def locked(storage: str):
    """Holds the lock of a SQLite file; other storages look after themselves.

    Raises StudyError: in use, no such folder, or a storage that fails while the lock is held.
    ArgumentError: the storage is no text.
    """
    checked_kind("storage", storage, str, f"give an Optuna storage URL, as {EXAMPLES}")
    try:
        with _lock_of(storage):
            yield
    except optuna.exceptions.StorageInternalError as error:
        raise StudyError(f"cannot keep trials in {public(storage)}: {reason(error)}") from None


@contextlib.contextmanager
def _lock_of(storage: str):
    path = _file_of(storage)
    if path is None or _kind(storage) != "sqlite":
        yield
        return
    lock = FileLock(path.with_name(path.name + ".lock"))
    try:
        with lock.acquire(timeout=0):
            yield
    except Timeout:
        raise StudyError(
            f"the study file {path} is in use by another run; wait for it, or give another storage: a "
            "journal (journal:///fits.log) takes several at once"
        ) from None
    except OSError as error:
        raise StudyError(f"cannot use the study file {path}: {error.strerror or error}") from None


def opened(storage: str | BaseStorage) -> BaseStorage:
    """The storage of that name; one that is open already is given back.

    Raises StudyError: no URL, or a file that cannot be what it says. Others of SQLAlchemy, of Optuna and
    of drivers, which have no common base: :func:`reason` says them in words.
    """
    if isinstance(storage, BaseStorage):
        return storage
    path = _file_of(storage)
    if path is not None and _kind(storage) == "journal":
        return JournalStorage(_journal(path))
    if _kind(storage) == "redis":
        return JournalStorage(JournalRedisBackend(storage))
    if for_one(storage):
        return RDBStorage(storage, engine_kwargs={"connect_args": {"factory": _QuickSqlite}})
    connections = ASKED_FIRST | (POSTGRESQL_TALKS if _kind(storage) == "postgresql" else {})
    try:
        return RDBStorage(storage, engine_kwargs=dict(connections))
    except ImportError:
        raise
    except Exception:
        time.sleep(SECOND_TRY)
        return RDBStorage(storage, engine_kwargs=dict(connections))


class _QuickSqlite(sqlite3.Connection):
    """A SQLite file that writes ahead (sqlite.org/wal.html), and so need not wait for the disk.

    Optuna writes each parameter of a trial by itself: 32 trials of ten took 9.2 s, and take 1.0. A
    command that is killed loses nothing; when the power fails, the last trials may be lost. Until the
    file is opened again, what a killed command wrote lies beside it ("fits.db-wal").
    """

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.execute("PRAGMA journal_mode = WAL")
        self.execute("PRAGMA synchronous = NORMAL")


def for_one(storage: str | BaseStorage) -> bool:
    """Whether one command alone can use a storage: a SQLite file that it has locked, or its memory."""
    if isinstance(storage, str):
        return _kind(storage) == "sqlite"
    return isinstance(storage, InMemoryStorage)


def public(storage: str) -> str:
    """The storage as anybody may read it: without the password."""
    for place in PASSWORDS:
        storage = re.sub(place, r"\1***\2", storage)
    return storage


def _kind(storage: str) -> str:
    """What the URL begins with, without the driver: "sqlite" of "sqlite+pysqlite:///fits.db".

    Raises StudyError: no URL.
    """
    scheme, separator, _ = storage.partition("://")
    if not separator:
        raise StudyError(
            f"cannot open the study in {shown(public(storage))}: a storage is a URL, as {EXAMPLES}; a "
            "relative path follows three strokes, an absolute one four"
        )
    return scheme.partition("+")[0]


def _file_of(storage: str) -> Path | None:
    """The file of a SQLite storage or of a journal, whose folder is there; None of others.

    Raises StudyError: it names no file, or there is no such folder.
    """
    if _kind(storage) not in ("sqlite", "journal"):
        return None
    _, separator, rest = storage.partition(":///")
    name = rest.partition("?")[0].removeprefix("file:")
    if _kind(storage) == "sqlite" and (not separator or name == ":memory:"):
        return None
    path = Path(name)
    if not path.name:
        raise StudyError(f"the storage {storage} names no file; write {_kind(storage)}:///fits.db")
    if not path.parent.is_dir():
        raise StudyError(f"cannot use the study file {path}: there is no folder {path.parent}")
    return path


def reason(error: Exception) -> str:
    """The first line of what went wrong, or what it lacks."""
    first = error.__cause__ or error
    missing = getattr(first, "name", None) if isinstance(first, ImportError) else None
    if missing:
        return f"Python has no module '{missing}', which it needs; install the package that has it"
    if isinstance(first, OSError) and first.strerror:
        return first.strerror
    return (str(first).splitlines() or [type(first).__name__])[0]


def _journal(path: Path) -> JournalFileBackend:
    path = path.absolute()
    with path.open("ab+") as file:
        file.seek(0)
        start = file.read(len(JOURNAL_START))
    if not JOURNAL_START.startswith(start):
        raise StudyError(f"cannot open the study file {path}: it is no journal of Optuna")
    return JournalFileBackend(str(path), lock_obj=_MendingLock(path))


class _MendingLock(JournalFileOpenLock):
    """The lock of a journal, whose holder finds whole lines in it.

    A command that is killed while it writes leaves half a line. It was never read by anybody, and with
    another line behind it no one could read the journal any more.
    """

    def __init__(self, path: Path):
        super().__init__(str(path), grace_period=LOCK_PATIENCE)
        self._path = path

    def acquire(self) -> bool:
        super().acquire()
        try:
            _drop_half_a_line(self._path)
        except BaseException:
            self.release()
            raise
        return True


def _drop_half_a_line(path: Path) -> None:
    with path.open("rb+") as file:
        end = file.seek(0, os.SEEK_END)
        if not end:
            return
        file.seek(end - 1)
        if file.read(1) == b"\n":
            return
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
