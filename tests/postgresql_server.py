"""A PostgreSQL server of the system's packages, for as long as the tests run."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

DATABASE = "TWIN_TEST_DATABASE"
"""Environment variable with the URL of a database server in which tests may make studies; without it,
they start one of their own."""
PASSWORD = "s3cret"
"""Of the user `postgres` of the server that the tests start."""
UNPRIVILEGED = "postgres"
"""User of the system whom the server belongs to where the tests run as root: it refuses root."""
FASTER = (
    "fsync=off\nsynchronous_commit=off\nfull_page_writes=off\nmax_connections=60\nshared_buffers=16MB\n"
)
"""Settings of a server whose data nobody needs when the power fails."""


@contextlib.contextmanager
def database_server() -> Iterator[str]:
    """URL of an empty database; skips the test, with a word, where none can be had."""
    pytest.importorskip("psycopg", reason="psycopg comes with the extra `scale`")
    if DATABASE in os.environ:
        yield os.environ[DATABASE]
        return
    initdb, ctl = _program("initdb"), _program("pg_ctl")
    if initdb is None or ctl is None:
        pytest.skip("no PostgreSQL server is installed (apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="twin-postgresql-"))
    try:
        (folder / "password").write_text(PASSWORD)
        if os.getuid() == 0:
            if shutil.which("runuser") is None or not _is_user(UNPRIVILEGED):
                pytest.skip(f"PostgreSQL refuses root, and there is no user {UNPRIVILEGED}")
            for path in (folder, folder / "password"):
                shutil.chown(path, UNPRIVILEGED)
        data, port = folder / "data", _free_port()
        access = ("-A", "scram-sha-256", "--pwfile", folder / "password")
        _run(initdb, "-D", data, "-U", "postgres", "-E", "UTF8", "--locale", "C", *access)
        with (data / "postgresql.conf").open("a") as file:
            file.write(FASTER)
        options = f"-h 127.0.0.1 -p {port} -k {folder}"
        _run(ctl, "-D", data, "-w", "-t", "60", "-l", folder / "log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://postgres:{PASSWORD}@127.0.0.1:{port}/postgres"
        finally:
            _run(ctl, "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str) -> str | None:
    """A program of PostgreSQL: Debian has them in no folder of the path."""
    found = shutil.which(name)
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return found or (str(versions[-1]) if versions else None)


def _is_user(name: str) -> bool:
    import pwd

    with contextlib.suppress(KeyError):
        pwd.getpwnam(name)
        return True
    return False


def _run(*command) -> None:
    words = [str(word) for word in command]
    if os.getuid() == 0:
        words = ["runuser", "-u", UNPRIVILEGED, "--", *words]
    # in a file: the server inherits its parent's output, and a pipe would stay open as long as it runs
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            words, stdout=output, stderr=output, cwd="/", env=os.environ | {"LC_ALL": "C"}
        )
        output.seek(0)
        assert done.returncode == 0, output.read()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
