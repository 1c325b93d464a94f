"""Seconds and peak memory to read a long series, as text and as Parquet of the Battery Data Format.

Each file is written, read in a process of its own, and removed. ::

    PYTHONPATH=tests python -m benchmarks.long_files --points 1000000 50000000
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import polars

HALF_CYCLE = 5000
"""Points of a half-cycle, one a second."""
READ = r"""
import re, sys, time
import pandas, xarray
import twin
from twin.measured.cycler import reading
begun = time.monotonic()
data = twin.read_measurements(sys.argv[1])
seconds = time.monotonic() - begun
peak = int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1]) / 1e3
told = f"{data.attrs['points']:,} points, {data.sizes['cycle']:,} cycles"
print(f"{told}: {seconds:.1f} s, {peak:.0f} MB at most")
"""


def series(points: int) -> polars.LazyFrame:
    """Charges and discharges of 1 mA, each over 5000 points."""
    place = polars.int_range(points, dtype=polars.Int64)
    half, within = place // HALF_CYCLE, (place % HALF_CYCLE) / HALF_CYCLE
    charging = half % 2 == 0
    voltage = polars.when(charging).then(3.0 + 1.2 * within).otherwise(4.15 - 1.55 * within)
    return polars.LazyFrame().select(
        place.cast(polars.Float64).alias("Test Time / s"),
        voltage.round(4).alias("Voltage / V"),
        polars.when(charging).then(1e-3).otherwise(-1e-3).alias("Current / A"),
        (half // 2 + 1).alias("Cycle Count / 1"),
        (half + 1).alias("Step Count / 1"),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, nargs="+", default=[1_000_000])
    for points in parser.parse_args().points:
        for ending in ("csv", "parquet"):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / f"long.bdf.{ending}"
                getattr(series(points), f"sink_{ending}")(path)
                done = subprocess.run(
                    [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True
                )
                print(f"{ending}, {path.stat().st_size / 1e6:.0f} MB: {done.stdout.strip()}")


if __name__ == "__main__":
    main()
