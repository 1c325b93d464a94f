"""A cell whose parameters are known, measured with the errors that the twin expects of curves."""

import numpy as np

from twin.measured.curves import PERCENT
from twin.measured.spread import ASSUMED

CELL = "Luo2021_LiIn_LPSCl_NCM622"
"""A full cell that shorts after some hundred cycles, whose runs are the quickest."""
CURVES = ("discharge_capacity", "coulombic_efficiency", "mean_discharge_voltage")


def error_along(cycles, spread, generator):
    """One error of a curve: drift that is forgotten along the cycles, and noise; (cycle,)."""
    drift, found = generator.normal() * spread.scatter, np.empty(len(cycles))
    for place, step in enumerate(np.diff(cycles, prepend=cycles[0])):
        left = np.exp(-step / spread.length)
        drift = left * drift + np.sqrt(1 - left**2) * spread.scatter * generator.normal()
        found[place] = drift + spread.noise * generator.normal()
    return found


def measured(run, generator, curves=CURVES, spreads=ASSUMED):
    """A run as a cycler would have it: each curve with its errors."""
    data = run[[*curves, "short_circuit_onset_cycle", "time"]].copy()
    for name in curves:
        error = error_along(run["cycle"].values, spreads[name], generator)
        data[name] = run[name] + error / PERCENT if spreads[name].points else run[name] * np.exp(error)
    return data


def up_to(data, cycle):
    """What was known after a cycle."""
    part = data.sel(cycle=slice(1, cycle)).copy()
    if not float(part["short_circuit_onset_cycle"]) <= cycle:
        part["short_circuit_onset_cycle"] = np.nan
    return part
