"""The C compiler: given up when it fails or takes too long, with its own words."""

import os
import time

import pytest

from twin.simulators.long_cycling import c_compiler
from twin.simulators.long_cycling.c_compiler import CompilerError, compile_library, processor

SLOW = "#!/bin/sh\nsleep 300 & echo $! > {pid}\nwait\n"
"""A compiler that hangs with a child of its own, as gcc's driver does."""


def script(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")")[-1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks for processes in /proc")
def test_a_slow_compiler_is_ended_with_all_that_it_has_started(tmp_path, monkeypatch):
    monkeypatch.setattr(c_compiler, "TIME_LIMIT", 0.5)
    slow = script(tmp_path / "cc", SLOW.format(pid=tmp_path / "pid"))
    began = time.monotonic()
    with pytest.raises(CompilerError, match=r"takes longer than 0\.5 s"):
        compile_library(slow, "int x;", tmp_path / "x.so")
    assert time.monotonic() - began < 30  # it would take 300 s
    child = (tmp_path / "pid").read_text().strip()
    deadline = time.monotonic() + 10  # until the system has taken it away
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(child)


def test_the_time_limit_counts_over_all_attempts(tmp_path, monkeypatch):
    monkeypatch.setattr(c_compiler, "TIME_LIMIT", 1.0)
    script(tmp_path / "cc", f"#!/bin/sh\necho >> {tmp_path}/tries\nsleep 0.6\nexit 1\n")
    with pytest.raises(CompilerError, match="takes longer"):
        compile_library(str(tmp_path / "cc"), "int x;", tmp_path / "x.so")
    assert len((tmp_path / "tries").read_text().splitlines()) == 2


def test_a_failure_is_told_in_the_words_of_the_compiler(tmp_path):
    said = "echo note: looking >&2; echo 'x.c:1: fatal error: math.h: not found' >&2; exit 4"
    broken = script(tmp_path / "cc", f"#!/bin/sh\n{said}\n")
    with pytest.raises(CompilerError, match=r"fails \(x.c:1: fatal error: math.h: not found\)"):
        compile_library(broken, "int x;", tmp_path / "x.so")


@pytest.mark.parametrize("status", [0, 3])
def test_a_compiler_that_writes_nothing_has_failed(tmp_path, status):
    silent = script(tmp_path / "cc", f"#!/bin/sh\nexit {status}\n")
    with pytest.raises(CompilerError, match=f"exit status {status}, without a word"):
        compile_library(silent, "int x;", tmp_path / "x.so")


def test_a_compiler_that_is_none_cannot_be_run(tmp_path):
    with pytest.raises(CompilerError, match="cannot be run"):
        processor(str(tmp_path / "no-such-compiler"))


def test_the_compiler_is_the_one_that_is_named(tmp_path, monkeypatch):
    own = script(tmp_path / "my-cc", "#!/bin/sh\n")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    for named, path in ((own, own), ("my-cc", own), ("", None)):
        monkeypatch.setenv("TWIN_COMPILER", named)
        assert c_compiler.c_compiler() == path
    monkeypatch.delenv("TWIN_COMPILER")
    script(tmp_path / "cc", "#!/bin/sh\n")
    assert c_compiler.c_compiler() == str(tmp_path / "cc")
