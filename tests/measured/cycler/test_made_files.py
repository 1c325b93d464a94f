"""Whatever is in a file, it is read or answered in one line: no traceback, no hang, nothing changed.

``PYTHONPATH=tests python -m benchmarks.made_files`` does the same a hundred thousand times.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from measured.cycler.drawn_files import check_answered, files, said, whole_files

SMALL = settings(
    max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@SMALL
@given(files, said)
def test_every_file_is_read_or_answered(tmp_path, file, conventions):
    check_answered(tmp_path, file, conventions)


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_files_are_whole_before_they_are_damaged(ending, tmp_path):
    assert check_answered(tmp_path, (ending, whole_files()[ending]), {})
