"""A made-up fit in the form of its file, with known answers."""

import numpy as np
import xarray as xr

from twin import parts
from twin.parameters import Prior

PRIORS = {
    "pairs/one: Growth rate [m2.s-1]": Prior("lognormal", 1e-20, 1e-10, centre=1e-15, spread=3.0),
    "pairs/two: Growth rate [m2.s-1]": Prior("lognormal", 1e-20, 1e-10, centre=1e-15, spread=3.0),
    "cells/one: A rather long name of some resistance [Ohm.m2]": Prior(
        "normal", 0.0, 1.0, centre=0.5, spread=0.1
    ),
    "cells/one: Never told": Prior("uniform", 0.0, 2.0),
}
"""Of each parameter."""
WIDTHS = np.array([0.2, 0.5, 0.8, 1.0])
"""Posterior deviations of the parameters, in those of their priors."""
CORRELATION = 0.9
"""Of the first two parameters."""
CHAINS, DRAWS = 4, 200


def fit(doubt: str = "", seed: int = 0) -> xr.DataTree:
    """Four parameters, two of them tied to each other, and five rows, of which D pulls."""
    generator = np.random.default_rng(seed)
    normal = generator.standard_normal((CHAINS, DRAWS, 4))
    normal[..., 1] = CORRELATION * normal[..., 0] + np.sqrt(1 - CORRELATION**2) * normal[..., 1]
    names = list(PRIORS)
    values = np.empty_like(normal)
    for place, prior in enumerate(PRIORS.values()):
        own = [prior.from_unit_normal(x) for x in (WIDTHS[place] * normal[..., place]).ravel()]
        values[..., place] = np.reshape(own, normal.shape[:2])
    rows = {"row": ["A", "B", "C", "D", "E"]}
    measured = np.array([10.0, 2e-3, 1500.0, 95.0, 80.0])
    points = np.array([0, 0, 0, 1, 1])
    told = generator.standard_normal((CHAINS, DRAWS, 5))
    before = generator.standard_normal((1, 100, 5))

    def predicted(off):
        return np.where(points == 1, measured + 100 * off, measured * np.exp(off))

    dims = ("chain", "draw", "row")
    fields = ("distribution", "centre", "spread", "lower", "upper")
    return xr.DataTree.from_dict({
        "/": xr.Dataset(
            {
                "optimum": ("parameter", [prior.from_unit_normal(0.0) for prior in PRIORS.values()]),
                "informed": ("parameter", 1 - WIDTHS),
            },
            {"parameter": names},
            {
                "paper": "Luo2021", "objective": 3.5, "evaluations": 1234, "effective_draws": 420.0,
                "largest_rhat": 1.01, "wanted_draws": 400, "doubt": doubt, "converged": int(not doubt),
                "pareto_k": 0.2, "accepted": 0.6, "seed": 0, "study_version": "abc",
                "starts_agree": 2, "optimum_found": 0, "seconds": 50.0, "runs": 2468,
                "runs_per_second": 49.36,
            },
        ),
        "posterior": xr.Dataset({"value": (("chain", "draw", "parameter"), values)}),
        "prior_distribution": xr.Dataset(
            {field: ("parameter", [getattr(p, field) for p in PRIORS.values()]) for field in fields}
        ),
        "posterior_predictive": xr.Dataset({"prediction": (dims, predicted(0.05 * told))}, rows),
        "prior_predictive": xr.Dataset({"prediction": (dims, predicted(0.5 * before))}, rows),
        "observed_data": xr.Dataset(
            {
                "measured": ("row", measured),
                "unit": ("row", ["mAh/g", "V", "h", "%", "%"]),
                "observable": ("row", ["capacity", "overpotential", "lifetime", "retention", "ce"]),
                "kind": ("row", ["value", "value", "lower_bound", "value", "value"]),
                "deviation": ("row", [0.1, 0.2, 0.3, 2.0, 1.0]),
                "points": ("row", points),
            },
            rows,
        ),
        "leave_one_out": xr.Dataset(
            {
                "elpd": ("row", [-0.1, -1.0, -0.5, -3.0, -0.2]),
                "pareto_k": ("row", [0.1, 0.3, -0.2, 0.9, 0.5]),
            },
            rows,
        ),
        "starts": xr.Dataset(
            {"objective": ("start", [3.5, 3.6, 9.0])},
            {"start": ["the values in the parts' files", "trial 7", "the shipped fit"]},
        ),
        "forecast_effective": xr.Dataset(
            {
                "bulk": (("cell", "quantity"), [[500.0, 450.0], [np.nan, np.nan]]),
                "tail": (("cell", "quantity"), [[480.0, 520.0], [np.nan, np.nan]]),
            },
            {
                "cell": ["Luo2021_LiIn_LPSCl_NCM622", "Luo2021_Li_LPSCl_NCM622"],
                "quantity": ["capacity_retention", "short_circuit_onset_cycle"],
            },
            {"cycles": 800, "states": 800},
        ),
    })  # fmt: skip


def shipped(family: str):
    """Path of the draws that ship of a family."""
    return parts.shipped("parameter_sets") / "fitted" / f"{family}_draws.nc"
