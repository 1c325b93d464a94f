"""When two runs count as the same, and cells on which to compare them."""

import numpy as np
import xarray as xr

from twin.parameter_sets import load_cell

PER_CYCLE = {
    # relative, absolute: what the project promises its users
    "discharge_capacity": (1e-3, 1e-10),
    "charge_capacity": (1e-3, 1e-10),
    "capacity_retention": (0.0, 1e-3),
    "cell_overpotential": (1e-3, 1e-3),  # a film may take ten volts; a run is exact to a thousandth
    "plating_overpotential": (1e-3, 1e-3),
    "stripping_overpotential": (1e-3, 1e-3),
    "energy_efficiency": (1e-3, 1e-3),
    "time": (1e-3, 1e-6),
    "interphase_thickness": (5e-3, 5e-13),  # half a picometre: far less than an atom
    "contact_fraction": (5e-3, 0.0),
    "coating_damage": (5e-3, 1e-7),
    "filament_depth": (5e-3, 1e-10),  # a seven-thousandth of the length over which a short decays
}
CAPACITIES = {"discharge_capacity": 1e-4, "charge_capacity": 1e-4}
"""Share of the first cycle's, below which a difference does not count: a cell that hardly charges."""
REFERENCE_RESOLUTION = 4e-6
"""Of an energy of a cycle, for each cycle before it: four times the relative tolerance."""
HARDLY = 0.05
"""Share of the first cycle's capacity below which a cycle has no energy efficiency to speak of."""
ONSET = 3e-3
"""Relative, on the onset of a short."""


def assert_same(fast: xr.Dataset, truth: xr.Dataset):
    assert fast["outcome"].item() == truth["outcome"].item(), (
        fast["notes"].item(),
        truth["notes"].item(),
    )
    assert fast.sizes == truth.sizes
    outcome, onset = truth["outcome"].item(), truth["short_circuit_onset_cycle"].item()
    whole = np.ones(truth.sizes["cycle"], dtype=bool)
    if outcome == "hard_short":
        # on its last tenth of a micrometre a filament's short runs away exponentially: the onset says
        # how exact those cycles can be
        whole = truth["cycle"].values < onset
    elif outcome == "overpotential_limit":
        whole[-1] = False  # broken off, and as exact as the time of its end
    for name, (relative, absolute) in PER_CYCLE.items():
        if name in truth:
            found, right = fast[name].values, truth[name].values
            if name in CAPACITIES and right.size:
                absolute = max(absolute, CAPACITIES[name] * right[0])
            compared = np.ones_like(whole) if name == "time" else whole
            if name == "energy_efficiency" and right.size:
                # stock PyBaMM integrates energies relative to what passed since the start of the run
                absolute = max(absolute, REFERENCE_RESOLUTION * right.size)
                capacity = truth["discharge_capacity"].values
                compared = compared & (capacity > HARDLY * capacity[0])
            np.testing.assert_allclose(
                found[compared], right[compared], rtol=relative, atol=absolute, err_msg=name
            )
    for name in ("short_circuit_onset_cycle", "lifetime"):
        if np.isfinite(truth[name]):
            assert abs(fast[name] - truth[name]) <= max(1.0, ONSET * float(truth[name])), name


def usable(name):
    """Unfitted values, so that a new fit does not move the tests; low resistance, so that 1C works."""
    cell = load_cell(name, fitted=False)
    return cell.replace({"Interface resistance factor": 0.1}) if cell.has_cathode else cell
