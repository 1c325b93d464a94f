"""Files that people write are read whole and in bounds, or refused in words."""

import os

import pytest

from twin.errors import CellError, StudyError
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
