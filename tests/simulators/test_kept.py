"""What PyBaMM has made is kept once, and made anew wherever what is kept is not exactly that."""

import importlib.metadata
import json
import os
import subprocess
import sys
import time

import pytest

from twin.results import fingerprint
from twin.simulators import kept as module
from twin.simulators import library_folder
from twin.simulators.kept import kept

MADE_BY = "twin.names"
"""A module on which nothing else depends that a test changes."""
MADE = {"numbers": [0.1, 1e300, float("inf")], "text": "Ω"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(library_folder, "user_cache_path", lambda name: tmp_path / "cache" / name)
    return tmp_path / "cache" / "assb-twin"


class Maker:
    """Makes something, and counts how often it was asked."""

    def __init__(self, made=MADE):
        self.made, self.times = made, 0

    def __call__(self):
        self.times += 1
        return self.made


def asked(make, about="a cell"):
    return kept("thing", about, make, made_by=MADE_BY)


def kept_file(folder):
    (path,) = folder.glob("thing-*.json")
    return path


def test_what_was_made_is_found_again(folder):
    make = Maker()
    assert asked(make) == asked(make) == MADE
    assert make.times == 1


def test_what_is_made_now_reads_like_what_is_kept(folder):
    first = asked(Maker({"several": (1, 2)}))
    assert first == asked(Maker()) == {"several": [1, 2]}


def test_another_question_is_another_thing(folder):
    make = Maker()
    asked(make)
    asked(make, about="another cell")
    assert make.times == 2


@pytest.mark.parametrize("library", fingerprint.NUMERICAL_LIBRARIES)
def test_another_version_of_a_library_is_another_thing(folder, library, monkeypatch):
    make, version = Maker(), importlib.metadata.version
    asked(make)
    other = {library: "0.0"}
    monkeypatch.setattr(importlib.metadata, "version", lambda name: other.get(name, version(name)))
    fingerprint.code_version.cache_clear()
    asked(make)
    fingerprint.code_version.cache_clear()
    assert make.times == 2


def damaged(path, how):
    content = path.read_bytes()
    match how:
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(content[:-1])
        case "one bit":
            path.write_bytes(content[:-5] + bytes([content[-5] ^ 1]) + content[-4:])
        case "no text":
            path.write_bytes(b"\xff\xfe\n\xff")
        case "a folder":
            path.unlink()
            path.mkdir()
        case "a loop of links":
            path.unlink()
            path.symlink_to(path.name)


@pytest.mark.parametrize("how", ["empty", "cut", "one bit", "no text", "a folder", "a loop of links"])
def test_what_is_damaged_is_made_anew(folder, how):
    make = Maker()
    asked(make)
    damaged(kept_file(folder), how)
    assert asked(make) == MADE
    assert make.times == 2


def test_what_was_made_anew_replaces_what_was_damaged(folder):
    make = Maker()
    asked(make)
    damaged(kept_file(folder), "cut")
    assert asked(make) == asked(make) == MADE
    assert make.times == 2


def test_a_whole_file_under_a_foreign_name_is_not_taken(folder):
    asked(Maker({"of": "another"}), about="another cell")
    foreign = kept_file(folder).read_bytes()
    kept_file(folder).unlink()
    make = Maker()
    asked(make)
    kept_file(folder).write_bytes(foreign)
    assert asked(make) == MADE
    assert make.times == 2


@pytest.mark.parametrize("fault", ["others may write", "a file in its place", "cannot be written to"])
def test_without_a_folder_of_ones_own_it_is_made_each_time(folder, fault, monkeypatch):
    folder.parent.mkdir()
    if fault == "others may write":
        folder.mkdir()
        folder.chmod(0o777)
    elif fault == "a file in its place":
        folder.write_text("no folder")
    else:  # a test that runs as root may write anywhere

        def full(*_, **__):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("tempfile.mkstemp", full)
    make = Maker()
    assert asked(make) == asked(make) == MADE
    assert make.times == 2


def test_what_fails_to_be_made_leaves_nothing(folder):
    def fails():
        raise ValueError("no such cell")

    with pytest.raises(ValueError, match="no such cell"):
        asked(fails)
    assert list(folder.iterdir()) == []


def test_the_oldest_of_many_goes_when_another_is_made(folder, monkeypatch):
    monkeypatch.setattr(module, "MOST_KEPT", 2)
    makers = {about: Maker() for about in ("first", "second", "third")}
    for age, about in zip((300, 200), makers, strict=False):
        asked(makers[about], about=about)
        newest = max(folder.glob("thing-*.json"), key=lambda path: path.stat().st_mtime)
        os.utime(newest, (time.time() - age,) * 2)
    kept("another", "first", Maker(), made_by=MADE_BY)  # of another kind: it counts for itself
    for about in ("third", "second", "first"):
        asked(makers[about], about=about)
    assert [make.times for make in makers.values()] == [2, 1, 1]


MAKING = """
import json, sys, time
from twin.simulators.kept import kept

def make():
    print("making", flush=True)
    sys.stdin.readline()
    return {"text": "x" * 1_000_000}

print(len(kept("thing", "a cell", make, made_by="twin.names")["text"]))
"""


def test_two_processes_may_make_it_at_once(tmp_path):
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment}
    both = [subprocess.Popen([sys.executable, "-c", MAKING], **pipes) for _ in range(2)]
    for process in both:
        assert process.stdout.readline().strip() == "making"
    for process in both:
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[0].strip() for process in both] == ["1000000"] * 2
    (path,) = (tmp_path / "assb-twin").iterdir()
    digest, _, text = path.read_bytes().partition(b"\n")
    assert len(json.loads(text)["text"]) == 1_000_000
    assert len(digest) == 64
