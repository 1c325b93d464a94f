"""Files that grow are told of when they have stopped growing."""

from twin.following.watch import grown


def watched(path, happens):
    """What is told at each look; before each but the first, what happens to the file."""
    steps = iter(happens)
    looks = grown([path], every=0.0, rest=lambda seconds: next(steps)(), looks=len(happens) + 1)
    return [[own.name for own in ready] for ready in looks]


def test_a_file_that_grows_is_told_of_once_it_rests(tmp_path):
    path = tmp_path / "cell.csv"
    path.write_text("1\n")

    def grow():
        path.write_text(path.read_text() + "one more\n")

    def rest():
        pass

    assert watched(path, [rest, grow, grow, rest, rest]) == [
        ["cell.csv"], [], [], [], ["cell.csv"], [],
    ]  # fmt: skip


def test_a_file_that_comes_later_is_waited_for(tmp_path):
    path = tmp_path / "cell.csv"
    assert watched(path, [lambda: path.write_text("1"), lambda: None]) == [[], [], ["cell.csv"]]
