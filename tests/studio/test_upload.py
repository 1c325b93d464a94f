"""A dropped file goes to disk piece by piece, under a name that leads nowhere else, and has a limit."""

import pytest

from twin.studio import upload
from twin.studio.upload import Upload, safe


@pytest.fixture
def dropped():
    whole, words = [], []
    made = Upload(lambda path: whole.append((path, path.read_bytes())), words.append)
    made.whole, made.words = whole, words
    yield made
    made.close()


def test_pieces_become_a_file_that_goes_with_the_page(dropped):
    dropped.take("a.csv", b"one,", 1, 3)
    dropped.take("a.csv", b"two,", 2, 3)
    assert not dropped.whole
    dropped.take("a.csv", b"three", 3, 3)
    ((path, content),) = dropped.whole
    assert (path.name, content) == ("a.csv", b"one,two,three")
    dropped.close()
    assert not path.exists()


def test_a_file_that_is_dropped_again_begins_anew(dropped):
    dropped.take("a.csv", b"half", 1, 2)
    dropped.take("a.csv", b"whole", 1, 1)
    assert [content for _, content in dropped.whole] == [b"whole"]


def test_more_than_is_allowed_is_refused_in_words_and_the_rest_is_dropped(dropped, monkeypatch):
    monkeypatch.setattr(upload, "LARGEST", 10)
    for number in range(1, 5):
        dropped.take("long.csv", b"12345", number, 4)
    assert not dropped.whole
    assert [words for words in dropped.words if "twin measurements FILE" in words] == dropped.words
    assert len(dropped.words) == 1


def test_a_piece_of_a_file_that_never_began_is_dropped(dropped):
    dropped.take("a.csv", b"end", 2, 2)
    assert not dropped.whole


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cell.csv", "cell.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\files\\cell.csv", "cell.csv"),
        ("..", "file"),
        ("", "file"),
        ("a\0b.csv", "ab.csv"),
        ("x" * 500 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_a_name_leads_nowhere_else(name, expected):
    assert safe(name) == expected
