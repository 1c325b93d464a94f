"""How a command ends: one line, and an exit status that scripts can lean on."""

import errno
import os
import subprocess
import sys
import warnings

import pytest
import typer
from typer.testing import CliRunner

from twin.cli.endings import in_words
from twin.errors import CellError, DamagedFileWarning, unknown


def ended(command):
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(in_words(command))
    done = CliRunner().invoke(app, [])
    return done.exit_code, done.stderr


def raising(error):
    def command():
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (CellError("no such cell"), 1, "twin: no such cell"),
        (CellError("two\nlines\tof \x1b[31mred"), 1, "twin: two lines of \\x1b[31mred"),
        (MemoryError(), 1, "twin: out of memory: ask for fewer draws, cycles or points"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "twin: the disk is full; make room"),
        (OSError(errno.EMFILE, "Too many open files", "a.nc"), 1, "twin: a.nc: Too many open files"),
        (KeyboardInterrupt(), 130, "twin: stopped by Ctrl-C"),
        (TypeError("no\nway"), 70, "twin: a fault of this program, not of yours: TypeError: no way"),
        (RecursionError("deep"), 70, "TWIN_TRACEBACK=1 in the environment shows how it came about"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_is_raised_is_one_line_and_a_status(error, status, words):
    code, said = ended(raising(error))
    assert code == status
    assert words in said
    assert len(said.splitlines()) == 1


def test_a_fault_says_where_it_came_from_and_more_when_asked(monkeypatch):
    def broken():
        unknown("word", None, "a list")

    _, said = ended(broken)
    assert "(errors.py, line " in said
    monkeypatch.setenv("TWIN_TRACEBACK", "1")
    code, said = ended(broken)
    assert code == 70
    assert "Traceback (most recent call last)" in said


def test_a_command_that_does_what_was_asked_ends_in_zero_without_a_word():
    assert ended(lambda: None) == (0, "")


def test_a_warning_of_ours_is_a_line_too():
    def warned():
        warnings.simplefilter("always")
        warnings.warn("the chains are damaged", DamagedFileWarning, stacklevel=1)

    assert ended(warned) == (0, "twin: the chains are damaged\n")


@pytest.mark.parametrize("place", ["/dev/full", None], ids=["full", "gone"])
def test_an_answer_that_cannot_be_printed_is_no_success(place):
    """Standard output on a full disk, and in a pipe whose reader has gone."""
    read, write = os.pipe()
    os.close(read)
    out = os.open(place, os.O_WRONLY) if place else write
    done = subprocess.run(
        [sys.executable, "-m", "twin.cli", "cells", "--json"],
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "twin: the disk is full; make room, or name a folder on another one\n" if place else ""
    )
