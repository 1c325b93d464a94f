"""How far into a run enough draws still run for a picture to say how they do."""

import xarray as xr

FEWEST_ALIVE = 0.1
"""Share of the cells that must live for the picture to say how they do. Of 200 draws these are 20, the
fewest of which the 5 % quantile is a draw; a band of two survivors would look like knowledge."""


def where_enough_run(values: xr.DataArray) -> xr.DataArray:
    """Values over (draw, cycle, ...) of the cycles in which enough draws have one."""
    running = values.notnull().mean("draw") >= FEWEST_ALIVE
    return values.where(running).dropna("cycle", how="all")
