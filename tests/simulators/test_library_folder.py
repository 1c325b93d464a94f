"""Where compiled code is kept: a stranger's is refused, what is broken is built again."""

import os
import shutil
import time

import filelock
import pytest

from twin.simulators import library_folder as module
from twin.simulators.library_folder import (
    UnsafeFolderError,
    give_up,
    given_up,
    is_whole,
    library,
    library_folder,
    temporary_workshop,
)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "user_cache_path", lambda name: tmp_path / "cache" / name)
    return tmp_path / "cache"


def writes(content):
    return lambda path: path.write_bytes(content)


def never(path):
    raise AssertionError("built again")


def test_the_folder_is_for_its_user_alone(cache):
    assert library_folder().stat().st_mode & 0o777 == 0o700
    library_folder().chmod(0o755)  # as an earlier version made it
    assert library_folder().stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o777, 0o720, 0o702, 0o775])
def test_a_folder_that_others_may_write_to_is_refused(cache, mode):
    library_folder().chmod(mode)
    with pytest.raises(UnsafeFolderError, match="others may write to"):
        library_folder()


def test_a_folder_of_another_user_is_refused(cache, monkeypatch):
    library_folder()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(UnsafeFolderError, match="belongs to another user"):
        library_folder()


def test_a_link_in_the_place_of_the_folder_is_refused(cache, tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    cache.mkdir()
    (cache / "assb-twin").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafeFolderError, match="or a link to one"):
        library_folder()


def test_a_place_where_everybody_may_replace_the_folder_is_refused(cache):
    library_folder()
    cache.chmod(0o777)
    with pytest.raises(UnsafeFolderError, match="everybody may replace what stands in"):
        library_folder()
    cache.chmod(0o1777)  # sticky, as the shared temporary folder is
    assert library_folder().is_dir()


def test_a_library_is_built_once(cache):
    path = library(library_folder(), "one", writes(b"code"))
    assert path.read_bytes() == b"code"
    assert library(library_folder(), "one", never) == path


@pytest.mark.parametrize("length", [0, 1, 500, 999])
def test_a_truncated_library_is_built_again(cache, length):
    path = library(library_folder(), "one", writes(bytes(1000)))
    with path.open("r+b") as file:
        file.truncate(length)
    assert not is_whole(path.parent)
    assert library(library_folder(), "one", writes(b"whole")).read_bytes() == b"whole"
    assert is_whole(path.parent)


def test_another_library_in_its_place_is_built_again(cache):
    folder = library_folder()
    path, other = library(folder, "one", writes(b"one")), library(folder, "two", writes(b"two"))
    shutil.copy(other, path)
    assert library(folder, "one", writes(b"one again")).read_bytes() == b"one again"
    # with the digest that belongs to it, too: it is whole, but not what was asked
    shutil.rmtree(path.parent)
    shutil.copytree(other.parent, path.parent)
    assert library(folder, "one", writes(b"once more")).read_bytes() == b"once more"


@pytest.mark.parametrize("lost", ["digest", "circuit.so"])
def test_a_library_without_its_other_half_is_built_again(cache, lost):
    path = library(library_folder(), "one", writes(b"one"))
    (path.parent / lost).unlink()
    assert library(library_folder(), "one", writes(b"again")).read_bytes() == b"again"


def test_what_fails_to_build_leaves_nothing(cache):
    def fails(path):
        path.write_bytes(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        library(library_folder(), "one", fails)
    assert [path.name for path in library_folder().iterdir()] == ["compiling.lock"]


def test_what_a_killed_process_left_is_removed_by_the_next_to_build(cache):
    left = library_folder() / "compiling-x1y2"
    left.mkdir()
    (left / "circuit.c").write_text("half")
    library(library_folder(), "one", writes(b"one"))
    assert not left.exists()


def test_a_process_waits_for_another_only_so_long(cache, monkeypatch):
    monkeypatch.setattr(module, "LONGEST_WAIT", 0.1)
    with filelock.FileLock(library_folder() / "compiling.lock"), pytest.raises(filelock.Timeout):
        library(library_folder(), "one", never)


def test_a_compiler_is_given_up_for_an_hour(cache):
    folder = library_folder()
    assert given_up(folder, "cc") is None
    give_up(folder, "cc", "fails (no header)")
    assert given_up(folder, "cc") == "fails (no header)"
    assert given_up(folder, "gcc") is None
    (note,) = folder.glob("given-up-*")
    os.utime(note, (time.time() - 3700,) * 2)
    assert given_up(folder, "cc") is None


def test_a_temporary_workshop_is_private_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
    with temporary_workshop() as own:
        assert own.stat().st_mode & 0o777 == 0o700
        (own / "circuit.so").write_bytes(b"code")
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_workshop_removes_what_killed_processes_left(tmp_path, monkeypatch):
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
    old, new = tmp_path / f"{module.TEMPORARY}old", tmp_path / f"{module.TEMPORARY}new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "circuit.c").write_text("half")
    os.utime(old, (time.time() - 3600,) * 2)
    with temporary_workshop():
        assert not old.exists()
        assert new.exists()


def test_a_temporary_folder_without_sticky_bit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
    tmp_path.chmod(0o777)
    with pytest.raises(UnsafeFolderError, match="sticky bit"), temporary_workshop():
        raise AssertionError("used")
