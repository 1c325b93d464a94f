"""A hundred thousand made-up files before the readers of `twin.read_measurements`.

Each is read or answered in one line; anything else ends this with the smallest such file. ::

    PYTHONPATH=tests python -m benchmarks.made_files --examples 100000
"""

import argparse
import collections
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from measured.cycler.drawn_files import check_answered, files, said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=100_000)
    wanted = parser.parse_args().examples
    counted: collections.Counter[bool] = collections.Counter()

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        @settings(
            max_examples=wanted,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(files, said)
        def every_file_is_read_or_answered(file, conventions):
            counted[check_answered(folder, file, conventions)] += 1

        begun = time.monotonic()
        every_file_is_read_or_answered()
    seconds = time.monotonic() - begun
    told = f"{counted[True]:,} read, {counted[False]:,} answered"
    print(f"{counted.total():,} files in {seconds:.0f} s: {told}")


if __name__ == "__main__":
    main()
