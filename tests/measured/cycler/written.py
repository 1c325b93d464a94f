"""Files of the Battery Data Format, written from what the twin computes."""

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

import twin


def series_of(cell, protocol: twin.Protocol) -> pd.DataFrame:
    """Every cycle of a protocol, point by point, in the Battery Data Format: charging is positive."""
    run = twin.simulate(cell, protocol, jump=False)
    inside = twin.time_series(cell, protocol, cycles=run["cycle"].values.tolist())
    parts, begin = [], 0.0
    for place in range(run.sizes["cycle"]):
        own = inside.isel(cycle=place)
        known = np.isfinite(own["time"].values)
        parts.append(
            pd.DataFrame(
                {
                    "Test Time / s": (begin + own["time"].values[known]) * 3600,
                    "Voltage / V": own["voltage"].values[known],
                    "Current / A": -own["current"].values[known],
                    "Cycle Count / 1": place + 1,
                    "Step Count / 1": own["step"].values[known].astype(int),
                }
            )
        )
        begin += float(own["time"].max())
    table = pd.concat(parts, ignore_index=True)
    counted = (table["Step Count / 1"].diff().fillna(0) != 0) | (
        table["Cycle Count / 1"].diff().fillna(0) != 0
    )
    table["Step Count / 1"] = 1 + counted.cumsum()
    return table


def written(table: pd.DataFrame, path: Path, **options) -> Path:
    """The table as a file of text."""
    table.to_csv(path, index=False, **options)
    return path


def run_of(cell, protocol: twin.Protocol) -> xr.Dataset:
    """What the twin itself says."""
    return twin.simulate(cell, protocol, jump=False)
