"""Native code: compiled once, kept safely, and done without where it cannot be had."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings

import pytest

from twin.errors import SlowRunWarning
from twin.simulators import library_folder
from twin.simulators.long_cycling import c_compiler
from twin.simulators.long_cycling.compiled_circuit import circuit_of
from twin.simulators.long_cycling.cycle_solver import cycle_solver
from twin.simulators.long_cycling.exact_cycle import PythonCycles
from twin.simulators.long_cycling.native import loaded

needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
SOURCE = "int answer(void) { return %d; }\n"
ASK = f"""
from twin.simulators.long_cycling.native import loaded
print(loaded({SOURCE % 42!r}).answer())
"""


class Compiler:
    """A compiler that counts what it compiles; `before` is what its script does first."""

    def __init__(self, folder, before=""):
        self.path, self.log = folder / "counting-cc", folder / "compiled"
        self.becomes(before)

    def becomes(self, before):
        count = f'case "$*" in *" -o "*) echo >> {self.log};; esac'
        self.path.write_text(f'#!/bin/sh\n{count}\n{before}\nexec cc "$@"\n')
        self.path.chmod(0o755)

    @property
    def runs(self):
        return len(self.log.read_text().splitlines()) if self.log.exists() else 0


FAILING = 'case "$*" in *" -o "*) echo "x.c: error: no headers" >&2; exit 1;; esac'
WAITING = 'case "$*" in *" -o "*) echo $$ > {begun}.new; mv {begun}.new {begun}; sleep {seconds};; esac'


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The system's temporary folder."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    folder.chmod(0o1777)
    monkeypatch.setattr(library_folder.tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def home(tmp_path, monkeypatch, temporary):
    """A user's empty cache folder; the folder for libraries in it does not exist yet."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setattr(library_folder, "user_cache_path", lambda name: cache / name)
    return cache / "assb-twin"


@pytest.fixture
def compiler(tmp_path, monkeypatch):
    one = Compiler(tmp_path)
    monkeypatch.setenv("TWIN_COMPILER", str(one.path))
    return one


def answer(number=42):
    return loaded(SOURCE % number).answer()


@needs_compiler
def test_a_library_is_compiled_once_and_found_again(home, compiler):
    assert answer() == answer() == 42
    assert compiler.runs == 1
    assert answer(43) == 43
    assert compiler.runs == 2


@needs_compiler
def test_without_a_folder_a_library_is_compiled_and_nothing_is_left(home, compiler, temporary):
    home.parent.write_text("a file, where the cache folder should be")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert answer() == answer() == 42
    assert compiler.runs == 2
    assert list(temporary.iterdir()) == []


@needs_compiler
def test_without_a_folder_a_compiler_that_fails_is_not_tried_twice(home, compiler):
    home.parent.write_text("a file, where the cache folder should be")
    compiler.becomes(FAILING)
    for number in (42, 43):
        with pytest.warns(SlowRunWarning, match="no headers"):
            assert loaded(SOURCE % number) is None
    assert compiler.runs == len(c_compiler.ATTEMPTS)


@needs_compiler
def test_where_nothing_can_be_written_a_library_is_compiled_for_this_process(
    home, compiler, monkeypatch
):
    def cannot_lock(*_, **__):
        raise NotImplementedError("no locks on this file system")

    monkeypatch.setattr(library_folder, "FileLock", cannot_lock)
    assert answer() == 42
    assert [path.name for path in home.iterdir()] == []


def plant(home, compiler):
    """What a stranger would like to be loaded: whole, under the right name."""
    home.mkdir(parents=True, mode=0o700)
    assert answer() == 42
    (kept,) = home.glob("circuit-*")
    planted = kept / "planted.so"
    c_compiler.compile_library(str(compiler.path), SOURCE % 666, planted)
    planted.replace(kept / library_folder.LIBRARY)
    digest = library_folder._digest(kept.name, kept / library_folder.LIBRARY)
    (kept / library_folder.DIGEST).write_bytes(digest)


@needs_compiler
@pytest.mark.parametrize("fault", ["world-writable", "another's", "a link", "world-writable parent"])
def test_nothing_is_loaded_from_a_folder_that_a_stranger_can_write_to(
    home, compiler, fault, monkeypatch, temporary
):
    plant(home, compiler)
    if fault == "world-writable":
        home.chmod(0o777)
    elif fault == "another's":
        owner = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    elif fault == "a link":
        home.symlink_to(home.rename(home.parent / "the-stranger's"))
    else:
        home.parent.chmod(0o777)
    with pytest.warns(SlowRunWarning, match="compiles its circuits anew") as told:
        assert answer() == 42
    assert len(told) == 1
    assert list(temporary.iterdir()) == []


@needs_compiler
def test_a_half_written_library_does_not_kill_the_process(home, compiler):
    answer()
    (library,) = home.glob("circuit-*/*.so")
    half = library.with_name("half")  # not in place: this process has the whole one mapped
    half.write_bytes(library.read_bytes()[: library.stat().st_size // 2])
    half.replace(library)
    # in a process of its own, which the system would end if it loaded what is left
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "42"), done.stderr
    assert compiler.runs == 2


@needs_compiler
def test_a_library_in_the_place_of_another_is_not_loaded(home, compiler):
    assert (answer(1), answer(2)) == (1, 2)
    one, two = home.glob("circuit-*")
    shutil.rmtree(one)
    shutil.copytree(two, one)
    assert (answer(1), answer(2)) == (1, 2)


@needs_compiler
def test_a_compiler_that_fails_is_told_and_given_up_until_it_is_another(home, compiler):
    compiler.becomes(FAILING)
    with pytest.warns(SlowRunWarning, match="runs are solved in Python.*x.c: error: no headers"):
        assert loaded(SOURCE % 42) is None
    tried = compiler.runs
    with pytest.warns(SlowRunWarning, match="error: no headers"):
        assert loaded(SOURCE % 43) is None
    assert compiler.runs == tried
    compiler.becomes("")
    assert answer(43) == 43


@needs_compiler
def test_a_compiler_that_was_given_up_is_tried_again_after_an_hour(home, compiler):
    compiler.becomes(FAILING)
    with pytest.warns(SlowRunWarning):
        loaded(SOURCE % 42)
    (note,) = home.glob("given-up-*")
    os.utime(note, (time.time() - 3700,) * 2)
    tried = compiler.runs
    with pytest.warns(SlowRunWarning):
        loaded(SOURCE % 42)
    assert compiler.runs > tried


@needs_compiler
def test_a_compiler_that_has_failed_still_leaves_what_was_compiled(home, compiler):
    assert answer() == 42
    compiler.becomes(FAILING)
    with pytest.warns(SlowRunWarning):
        loaded(SOURCE % 43)
    assert answer() == 42


@needs_compiler
def test_a_slow_compiler_is_told_and_done_without(home, compiler, monkeypatch, tmp_path):
    c_compiler.processor(str(compiler.path))
    compiler.becomes(WAITING.format(begun=tmp_path / "begun", seconds=60))
    monkeypatch.setattr(c_compiler, "TIME_LIMIT", 0.5)
    with pytest.warns(SlowRunWarning, match=r"takes longer than 0\.5 s"):
        assert loaded(SOURCE % 42) is None
    assert [path for path in home.iterdir() if path.name.startswith("compiling-")] == []


def started_compiling(compiler, folder, seconds=60):
    """Another process, whose compiler has begun and will take a while."""
    begun = folder / "begun"
    compiler.becomes(WAITING.format(begun=begun, seconds=seconds))
    process = subprocess.Popen([sys.executable, "-c", ASK], stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not begun.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert begun.exists()
    return process


@needs_compiler
def test_a_compilation_killed_half_way_leaves_nothing_for_long(home, compiler, tmp_path):
    killed = started_compiling(compiler, tmp_path)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    os.killpg(int((tmp_path / "begun").read_text()), signal.SIGKILL)  # its compiler would go on
    assert list(home.glob("compiling-*"))
    assert not list(home.glob("circuit-*"))
    compiler.becomes("")
    assert answer() == 42
    assert not list(home.glob("compiling-*"))


@needs_compiler
def test_two_processes_at_once_compile_once_and_both_end_well(home, compiler, tmp_path):
    other = started_compiling(compiler, tmp_path, seconds=2)
    assert answer() == 42
    assert other.communicate(timeout=120)[0].strip() == "42"
    assert compiler.runs == 1


class Terminal:
    def __init__(self):
        self.shown = ""

    def isatty(self):
        return True

    def write(self, text):
        self.shown += text

    def flush(self):
        pass


@needs_compiler
def test_who_waits_at_a_terminal_is_told_that_it_compiles_and_only_then(home, compiler):
    terminal = Terminal()
    with contextlib.redirect_stderr(terminal):
        answer()
        first = terminal.shown
        answer()
    assert first.count("compiling") == first.count("\n") == 1
    assert terminal.shown == first


@needs_compiler
def test_nobody_is_told_where_stderr_is_a_file(home, compiler, capfd):
    answer()
    assert capfd.readouterr().err == ""


def test_without_a_compiler_a_circuit_has_no_library(full, monkeypatch):
    monkeypatch.setenv("TWIN_COMPILER", "")
    circuit = circuit_of(full)
    assert circuit.library is None
    assert isinstance(cycle_solver(circuit, 1e-3), PythonCycles)
