"""Files of people are read in bounds or refused in words; ours are written whole or not at all."""

import errno
import os
import signal
import subprocess
import sys

import netCDF4
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import twin
from twin import files
from twin.errors import CellError, DatasetError, OutputError, StudyError
from twin.files import LONGEST_TOML_LINE, line_of, read_toml

BROKEN = {
    "a key that stands twice": (b"a = 1\na = 2\n", "line 2"),
    "a table that stands twice": (b"[a]\n[b]\n[a]\n", "line 3"),
    "half a table": (b"[a\n", "line 1"),
    "no value": (b"a = \n", "line 1"),
    "a tab in a text": (b'a = "\x01"\n', "line 1"),
    "lists in lists": (b"a = " + b"[" * 1500 + b"]" * 1500, "too deeply"),
    "tables in tables": (b"a = " + b"{a=" * 900 + b"1" + b"}" * 900, "too deeply"),
    "a key of 2000 words": (b"a." * 2000 + b"a = 1", f"at most {LONGEST_TOML_LINE} are read"),
    "too much": (b"# much\n" * 200_000, "more than 1 MB"),
    "Latin letters": (b"# one\n# \xe4\n", "line 2: is not UTF-8"),
    "UTF-16": ("a = 1".encode("utf-16"), "line 1: is not UTF-8"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "is not UTF-8"),
    "zeros": (b"\x00" * 100, "line 1"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_toml_file_is_refused_with_the_reason(tmp_path, kind):
    content, reason = BROKEN[kind]
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(CellError, match=reason) as caught:
        read_toml(path, CellError)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_error_is_of_the_class_that_the_reader_names(tmp_path):
    with pytest.raises(StudyError, match="No such file"):
        read_toml(tmp_path / "none.toml", StudyError)


def test_what_is_no_regular_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    for path in (tmp_path, tmp_path / "pipe.toml", "/dev/zero"):
        with pytest.raises(CellError, match="not a file"):
            read_toml(path, CellError)
    with pytest.raises(CellError, match="cannot be read"):
        read_toml("no\0name.toml", CellError)


def test_a_byte_order_mark_and_foreign_line_ends_are_read(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b'\xef\xbb\xbf["Area [m2]"]\r\nvalue = 1\r\n')
    assert read_toml(path, CellError) == {"Area [m2]": {"value": 1}}


def test_the_line_of_a_key_is_that_of_its_table_and_not_of_a_comment(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('# Thickness [m]\n["Other Thickness [m]"]\nvalue = 1\n["Thickness [m]"]\n')
    assert line_of(path, "Thickness [m]") == 4
    assert line_of(path, "Other Thickness [m]") == 2


def leave_unfinished(folder, ending):
    """A process that dies in the middle of writing a file."""
    code = (
        "import os, pathlib, signal, sys, time\n"
        "from twin.files import write_whole\n"
        "def half(beside):\n"
        "    beside.write_text('half')\n"
        f"    {ending}\n"
        f"write_whole(pathlib.Path({str(folder / 'answer.txt')!r}), half)\n"
    )
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def test_what_a_killed_process_left_is_removed_by_the_next_and_nothing_else(tmp_path):
    (tmp_path / ".twin-notes").write_text("the user's own")
    killed = leave_unfinished(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)")
    assert killed.wait() == -signal.SIGKILL
    (left,) = tmp_path.glob(".twin-*.txt")
    busy = leave_unfinished(tmp_path, "print('half', flush=True); time.sleep(600)")
    try:
        busy.stdout.readline()  # by then it has written its half
        assert not left.exists()
        files.write_whole(tmp_path / "other.txt", lambda beside: beside.write_text("whole"))
        (half,) = tmp_path.glob(".twin-*.txt")
        assert f"-{busy.pid}-" in half.name
    finally:
        busy.kill()
        busy.communicate()
    assert {path.name for path in tmp_path.iterdir()} == {".twin-notes", "other.txt", half.name}


FULL = {
    errno.ENOSPC: "the disk is full; make room",
    errno.EDQUOT: "the disk is full",
    errno.EFBIG: "ulimit -f",
    errno.EROFS: "Read-only file system; name a folder that you may write to",
}


@pytest.mark.parametrize("number", FULL, ids=errno.errorcode.get)
def test_a_full_disk_is_said_and_what_was_there_stays(tmp_path, number):
    path = tmp_path / "answer.txt"
    path.write_text("before")

    def half(beside):
        beside.write_text("half")
        raise OSError(number, os.strerror(number))

    with pytest.raises(OutputError, match=FULL[number]):
        files.write_whole(path, half)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_dataset_too_large_for_its_place_says_so_and_leaves_nothing(tmp_path):
    """In a process that may write 100 kB a file: what a full disk is to the netCDF library."""
    code = (
        "import resource, numpy, xarray, twin\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))\n"
        "try:\n"
        "    twin.save(xarray.Dataset({'a': ('x', numpy.arange(100_000.0))}), 'large.nc')\n"
        "except twin.errors.OutputError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "cannot write large.nc: the file is larger than you may write here" in done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x" * 300 + ".txt", "File name too long; take a shorter name"),
        ("no\0name.txt", "no file can have such a name"),
        ("taken/answer.txt", "name a folder that you may write to"),
        ("folder", "Is a directory"),
        ("/proc/none/answer.txt", "name a folder that you may write to"),
    ],
    ids=["too long", "no name", "below a file", "a folder", "no place"],
)
def test_a_place_that_takes_no_file_is_an_output_error(tmp_path, name, message):
    (tmp_path / "taken").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match=message):
        files.write_whole(tmp_path / name, lambda beside: beside.write_text(""))
    assert {path.name for path in tmp_path.iterdir()} == {"taken", "folder"}


def test_arrays_come_back_and_what_is_left_of_them_does_not(tmp_path):
    path = tmp_path / "point.npz"
    arrays = {"heights": np.arange(6.0).reshape(2, 3), "outcome": np.array(["completed", "soft_short"])}
    files.save_arrays(path, arrays)
    found = files.load_arrays(path)
    assert found is not None
    for name, values in arrays.items():
        np.testing.assert_array_equal(found[name], values)
    whole = path.read_bytes()
    for content in (
        b"",
        b"text",
        whole[: len(whole) // 2],
        whole[:-1],
        b"PK\x05\x06" + bytes(18) + b"?",
    ):
        path.write_bytes(content)
        assert files.load_arrays(path) is None
    with pytest.raises(ValueError, match="Object arrays"):
        files.save_arrays(path, {"object": np.array([{}], dtype=object)})
    np.savez(path, allow_pickle=True, object=np.array([{}], dtype=object))
    assert files.load_arrays(path) is None
    assert files.load_arrays(tmp_path / "none.npz") is None
    assert files.load_arrays(tmp_path) is None


@given(place=st.integers(0, 10**6), mask=st.integers(1, 255))
@settings(max_examples=60)
def test_a_flipped_byte_of_saved_arrays_is_noticed(tmp_path_factory, place, mask):
    path = tmp_path_factory.getbasetemp() / "flipped.npz"
    values = np.arange(40.0)
    files.save_arrays(path, {"values": values})
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= mask
    path.write_bytes(bytes(content))
    found = files.load_arrays(path)
    # a byte that says nothing (a date in the archive's index) may be any; numbers may not change
    assert found is None or "values" not in found or np.array_equal(found["values"], values)


def test_only_a_dataset_that_netcdf_can_hold_is_saved(tmp_path):
    for data in ({"a": 1}, None, 5):
        with pytest.raises(DatasetError, match=r"save takes an xarray\.Dataset, not"):
            twin.save(data, tmp_path / "a.nc")
    for attributes in ({"a": True}, {"a": None}, {"a": {}}):
        with pytest.raises(DatasetError, match="holds what netCDF cannot"):
            twin.save(xr.Dataset(attrs=attributes), tmp_path / "a.nc")
    assert not list(tmp_path.iterdir())


def write_foreign(folder):
    """netCDF files that xarray cannot make a Dataset of, and files that are none."""
    xr.Dataset({"a": ("x", np.arange(1000.0))}).to_netcdf(folder / "whole.nc", engine="netcdf4")
    whole = (folder / "whole.nc").read_bytes()
    (folder / "empty.nc").write_bytes(b"")
    (folder / "text.nc").write_text("cycle,retention\n1,1.0\n")
    (folder / "truncated.nc").write_bytes(whole[: len(whole) // 2])
    (folder / "zip.nc").write_bytes(b"PK\x03\x04" + bytes(100))
    (folder / "folder.nc").mkdir()
    os.mkfifo(folder / "pipe.nc")
    (folder / "loop.nc").symlink_to(folder / "loop.nc")
    (folder / "device.nc").symlink_to("/dev/zero")
    with netCDF4.Dataset(folder / "times.nc", "w") as file:
        file.createDimension("time", 2)
        file.createVariable("time", "f8", ("time",)).units = "days since yesterday"
    with netCDF4.Dataset(folder / "scale.nc", "w") as file:
        file.createDimension("x", 2)
        file.createVariable("a", "f8", ("x",)).scale_factor = "two"
    with netCDF4.Dataset(folder / "vast.nc", "w") as file:
        file.createDimension("x", 10**10)
        file.createVariable("a", "f8", ("x",), zlib=True, chunksizes=(10**6,))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none", "No such file"),
        ("empty", "Unknown file format"),
        ("text", "Unknown file format"),
        ("truncated", "HDF error"),
        ("zip", "Unknown file format"),
        ("folder", "is a folder, a pipe or a device"),
        ("pipe", "is a folder, a pipe or a device"),
        ("device", "is a folder, a pipe or a device"),
        ("loop", "symbolic links"),
        ("times", "days since yesterday"),
        ("scale", "cannot read"),
        ("vast", "holds 80 GB of numbers; at most 8 GB are read"),
    ],
)
def test_what_is_no_netcdf_file_of_numbers_is_a_dataset_error(tmp_path, name, message):
    write_foreign(tmp_path)
    with pytest.raises(DatasetError, match=message) as caught:
        twin.load(tmp_path / f"{name}.nc")
    assert f"{name}.nc" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_is_tried_before_the_work_that_it_is_to_hold(tmp_path):
    files.check_writable(tmp_path / "a" / "b")
    assert not list((tmp_path / "a" / "b").iterdir())
    (tmp_path / "taken").write_text("")
    for folder in ("taken", "taken/below", "/proc", "x" * 300, "a/" * 2000, "no\0name"):
        with pytest.raises(OutputError, match=r"cannot (make the folder|write to)"):
            files.check_writable(tmp_path / folder)


def test_groups_come_back_as_they_were_saved(tmp_path):
    one = xr.Dataset({"a": ("x", [1.0, 2.0])}, {"x": [3, 4]}, {"paper": "Toy"})
    two = xr.Dataset({"b": ("y", [5.0])})
    tree = xr.DataTree.from_dict({"/": one, "two": two})
    path = files.save(tree, tmp_path / "tree.nc")
    assert twin.load_groups(path).identical(tree)
    with pytest.raises(DatasetError, match="No such file"):
        twin.load_groups(tmp_path / "none.nc")


READ_BY_MANY = """
import sys, threading
from twin import files

def read():
    for _ in range(50):
        files.load_groups(sys.argv[1])

readers = [threading.Thread(target=read) for _ in range(4)]
for own in readers:
    own.start()
for own in readers:
    own.join()
"""


def test_several_threads_may_read_one_file(tmp_path):
    content = {f"g{place}": xr.Dataset({"a": ("x", np.arange(1000.0))}) for place in range(5)}
    path = files.save(xr.DataTree.from_dict(content), tmp_path / "tree.nc")
    # in a process of its own: where the library below is asked by two at once, the whole of it ends
    subprocess.run([sys.executable, "-c", READ_BY_MANY, str(path)], check=True, timeout=120)
