"""Made-up Datasets in the form that studies, searches and spectra have, with known answers."""

import numpy as np
import pandas as pd
import xarray as xr

import twin

CYCLES = 800


def study(draws=20, seed=0) -> xr.Dataset:
    """Coating thickness (7) x current (6) x draw: thick and slow never shorts, thin and fast does."""
    generator = np.random.default_rng(seed)
    thickness = np.linspace(50e-9, 350e-9, 7)
    current = np.array([0.5, 1, 2, 4, 8, 16.0])
    spread = np.exp(0.15 * generator.standard_normal(draws))
    middle = 400 * (thickness[:, None] / 200e-9) ** 1.5 / (current[None, :] / 2)
    spread = spread ** (1 + 6 * (thickness[:, None, None] < 90e-9))
    onset = middle[:, :, None] * spread
    onset = np.where(onset <= CYCLES, np.ceil(onset), np.nan)
    outcome = np.where(np.isnan(onset), "completed", "soft_short").astype("<U20")
    onset[6, 5], outcome[6, 5] = np.nan, "infeasible"
    retention = np.clip(0.95 - 0.02 * current[None, :, None] * spread, 0, 1)
    data = xr.Dataset(
        {
            "short_circuit_onset_cycle": (("thickness", "current", "draw"), onset),
            "capacity_retention": (("thickness", "current", "draw"), retention * np.ones_like(onset)),
            "outcome": (("thickness", "current", "draw"), outcome),
        },
        coords={
            "thickness": ("thickness", thickness, {"units": "m", "long_name": "Coating thickness"}),
            "current": ("current", current, {"units": "A/m2", "long_name": "Current density"}),
            "draw": np.arange(draws),
        },
        attrs={"cell": "Chang2023_LiAlO2_LGPS_LCO", "cycles": CYCLES},
    )
    data["short_circuit_onset_cycle"].attrs = {
        "units": "1",
        "long_name": "First cycle with a soft or hard short circuit",
    }
    data["capacity_retention"].attrs = {"units": "1", "long_name": "Capacity retention"}
    return data


def history() -> xr.Dataset:
    """A followed cell: its forecast narrows over five updates, of which the last has an alarm."""
    onset = [[500, 830, np.inf], [560, 800, np.inf], [600, 780, 1100], [660, 740, 900], [700, 720, 760]]
    retention = [
        [0.7, 0.9, 0.99],
        [0.8, 0.9, 0.97],
        [0.84, 0.9, 0.95],
        [0.86, 0.9, 0.93],
        [0.88, 0.9, 0.91],
    ]
    return xr.Dataset(
        {
            "short_circuit_onset_cycle": (("update", "quantile"), np.array(onset, dtype=float)),
            "short_circuit_probability": (("update", "quantile"), np.array(retention)),
            "capacity_retention": (("update", "quantile"), np.array(retention)),
            "measured_cycles": ("update", np.array([0, 50, 200, 400, 650])),
            "alarm": ("update", np.array(["", "", "", "", "cycle 620: something"], dtype=object)),
        },
        coords={"update": np.arange(5), "quantile": [0.05, 0.5, 0.95]},
        attrs={"cell": "Luo2021_LiIn_LPSCl_NCM622", "horizon": 1200},
    )


def search(evaluations=80, seed=0) -> xr.Dataset:
    """Charging time against retention: faster costs retention, half of the points break a constraint."""
    generator = np.random.default_rng(seed)
    current = generator.uniform(0.5, 8, evaluations)
    minutes = 60 / current * generator.uniform(1, 1.6, evaluations)
    retention = 0.95 - 0.03 * current * generator.uniform(0.8, 1.6, evaluations)
    feasible = retention > 0.75
    better = (minutes[:, None] >= minutes) & (retention[:, None] <= retention) & feasible
    on_front = feasible & (better.sum(axis=1) == 1)
    data = xr.Dataset(
        {
            "charge_current": ("evaluation", current, {"units": "A/m2", "long_name": "Charge current"}),
            "charge_time": ("evaluation", minutes, {"units": "min", "long_name": "Charging time"}),
            "capacity_retention": (
                "evaluation", retention, {"units": "1", "long_name": "Capacity retention"},
            ),
            "feasible": ("evaluation", feasible),
            "on_front": ("evaluation", on_front),
            "missed": ("evaluation", np.clip(0.75 - retention, 0, None)),
        },
        coords={"evaluation": np.arange(evaluations)},
    )  # fmt: skip
    for name, below, above in (("charge_time", 0.95, 1.1), ("capacity_retention", 0.96, 1.01)):
        data[f"{name}_low"], data[f"{name}_high"] = data[name] * below, data[name] * above
    return data


def spectra() -> xr.Dataset:
    """Two arcs that grow with age, 1 MHz to 10 mHz: a resistance and two R parallel C."""
    frequency = np.logspace(6, -2, 81)
    omega = 2j * np.pi * frequency
    cycles = np.array([1, 100, 400, 800])
    impedance = np.stack(
        [
            3e-3 + 4e-3 * g / (1 + omega * 1e-4 * g) + 6e-3 * g / (1 + omega * 0.5 * g)
            for g in (1 + cycles / 400)
        ]
    )
    return xr.Dataset(
        {
            "impedance_real": (("cycle", "frequency"), impedance.real, {"units": "Ohm m2"}),
            "impedance_imag": (("cycle", "frequency"), impedance.imag, {"units": "Ohm m2"}),
        },
        coords={"cycle": cycles, "frequency": ("frequency", frequency, {"units": "Hz"})},
    )


def series() -> xr.Dataset:
    """A charge and a discharge of two cycles, 30 points each; the second is shorter and padded."""
    cycles, points = [1, 100], 60
    shape = (2, points)
    time, voltage, capacity = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    for row, count in enumerate((30, 25)):
        share = np.linspace(0, count / 30, count)
        capacity[row, : 2 * count] = np.tile(share * 3e-4, 2)
        time[row, : 2 * count] = np.linspace(0, 2 * count / 30, 2 * count)
        voltage[row, : 2 * count] = np.concatenate(
            [3.8 + 0.4 * share, 4.1 - 0.5 * share - 0.4 * share**6]
        )
    return xr.Dataset(
        {
            "time": (("cycle", "point"), time, {"units": "h", "long_name": "Time in the cycle"}),
            "voltage": (("cycle", "point"), voltage, {"units": "V", "long_name": "Voltage"}),
            "capacity": (("cycle", "point"), capacity, {"units": "A.h", "long_name": "Charge passed"}),
        },
        coords={"cycle": cycles, "point": np.arange(points)},
    )


def validation_table(rows=100, seed=0) -> pd.DataFrame:
    """`rows` rows of four papers and nine observables, a few bounds, a few misses."""
    generator = np.random.default_rng(seed)
    observables = [
        ("discharge capacity", "mA.h/g", 90), ("cell overpotential", "V", 0.3), ("lifetime", "h", 1200),
        ("impedance", "Ohm", 400), ("capacity retention", "%", 92), ("energy efficiency", "%", 97),
        ("stripping overpotential (one electrode)", "V", 0.2), ("Rb + Rct", "Ohm", 90),
        ("short-circuit onset", "h", 300),
    ]  # fmt: skip
    lines = []
    for number in range(rows):
        observable, unit, typical = observables[number % len(observables)]
        percent = unit == "%"
        measured = typical * (generator.uniform(0.9, 1.03) if percent else generator.lognormal(0, 0.9))
        predicted = measured * generator.lognormal(0, 0.01 if percent else 0.25)
        width = 1.02 if percent else 1.45
        low, high = predicted / width, predicted * width
        kind = "lower_bound" if observable == "lifetime" and number % 2 else "value"
        kind = "upper_bound" if observable == "Rb + Rct" and number % 4 == 0 else kind
        lines.append({
            "id": f"R{number:03d}", "paper": ("Chang2023", "Duan2023", "Liu2018", "Luo2021")[number % 4],
            "cell": "Chang2023_LiAlO2_LGPS_LCO", "observable": observable, "at": "cycle 5",
            "role": "validate" if number % 5 == 0 else "fit", "kind": kind, "measured": measured,
            "unit": unit, "left_out": False, "predicted": predicted, "low": low, "high": high,
            "inside": bool(low <= measured <= high),
        })  # fmt: skip
    return pd.DataFrame(lines)


def run_of_kinds() -> xr.Dataset:
    """A rate test of two rates, two cycles each and one back, 10 days a cycle."""
    return xr.Dataset(
        {
            "specific_discharge_capacity": (
                "cycle", [130.0, 130, 60, 59, 128], {"units": "mA.h/g", "long_name": "Capacity"},
            ),
            "discharge_capacity": ("cycle", np.ones(5)),
            "capacity_retention": (
                "cycle", [1, 1, 1, 0.98, 0.96], {"units": "1", "long_name": "Capacity retention"},
            ),
            "time": ("cycle", 240.0 * np.arange(5), {"units": "h"}),
            "kind": ("cycle", ["0.1C", "0.1C", "1C", "1C", "back at 0.1C"]),
        },
        coords={"cycle": np.arange(1, 6)},
    )  # fmt: skip


def forecast_of_kinds() -> xr.Dataset:
    """:func:`run_of_kinds`, of draws that are 1 to 20 % less and of one without an answer."""
    run = run_of_kinds()
    draws = xr.DataArray([*np.linspace(0.99, 0.8, 20), 0.0], dims="draw")
    for name in ("specific_discharge_capacity", "discharge_capacity", "capacity_retention"):
        run[name] = (run[name] * draws).assign_attrs(run[name].attrs)
    return run.assign(outcome=("draw", ["completed"] * 20 + ["infeasible"]))


def ramp() -> xr.Dataset:
    """Three cycles of 2 h at 1, 2, 3 mA/cm2, of which the last shorts."""
    return xr.Dataset(
        {
            "half_cycle_current_density": (
                "cycle", [10.0, 20, 30], {"units": "A/m2", "long_name": "Current density"},
            ),
            "areal_charge_passed": ("cycle", [2.0, 4, 6]),
            "cell_overpotential": ("cycle", [0.01, 0.02, 0.005]),
            "leak_fraction": ("cycle", [0, 0, 0.6]),
            "time": ("cycle", [2.0, 4, 6]),
            "short_circuit_onset_cycle": 3.0,
            "critical_current_density": ((), 30.0, {"units": "A/m2"}),
            "cumulative_charge": ((), 12.0, {"units": "mA.h/cm2"}),
            "outcome": "soft_short",
        },
        coords={"cycle": [1, 2, 3]},
    )  # fmt: skip


def ramp_series() -> xr.Dataset:
    """The first and the last cycle of :func:`ramp`, as a time series; the first has fewer points."""
    return xr.Dataset(
        {
            "time": (("cycle", "point"), [[0, 2, np.nan], [0, 1, 2]]),
            "voltage": (("cycle", "point"), [[0.01, -0.01, np.nan], [0.02, 0.005, -0.005]]),
            "current_density": (("cycle", "point"), [[-10, 10, np.nan], [-30, -30, 30]]),
        },
        coords={"cycle": [1, 3]},
    )


def ramp_forecast() -> xr.Dataset:
    """:func:`ramp` of four draws: shorts in cycle 2, in cycle 3, never, never."""
    draws = (
        ramp()
        .expand_dims(draw=4)
        .assign(
            short_circuit_onset_cycle=("draw", [2, 3, np.nan, np.nan]),
            critical_current_density=("draw", [20, 30, np.nan, np.nan]),
            cumulative_charge=("draw", [6, 12, np.nan, np.nan]),
            outcome=("draw", ["soft_short", "soft_short", "completed", "completed"]),
        )
    )
    return twin.critical_current(draws)


def pulses() -> xr.Dataset:
    charge = np.linspace(0.9, 0.1, 10)
    return xr.Dataset(
        {
            "state_of_charge": ("pulse", charge, {"units": "1", "long_name": "State of charge"}),
            "current_density": ("pulse", np.tile([4.0, -3.0], 5), {"units": "A/m2"}),
            "pulse_resistance": ("pulse", 0.03 / charge, {"units": "Ohm m2"}),
            "instantaneous_resistance": ("pulse", np.full(10, 0.003), {"units": "Ohm m2"}),
        }
    )


def measured_series() -> xr.Dataset:
    """What is read of a cycler: 60 cycles of a full cell, whose capacity falls until it shorts."""
    cycles, points = 60, 40
    hours = np.arange(cycles * points * 2) / points
    charging = hours % 2 < 1
    half = hours % 1
    begins = np.arange(2.0 * cycles)
    capacity = 1e-3 * (1 - 0.002 * np.arange(cycles))
    return xr.Dataset(
        {
            "series_time": ("point", hours, {"units": "h", "long_name": "Time since the start"}),
            "series_voltage": (
                "point",
                np.where(charging, 3.2 + half, 4.1 - half),
                {"units": "V", "long_name": "Voltage"},
            ),
            "series_current": (
                "point", np.where(charging, -1e-3, 1e-3), {"units": "A", "long_name": "Current"},
            ),
            "step_start": ("step", begins * 3600, {"units": "s"}),
            "step_direction": ("step", np.where(begins % 2 == 0, "charge", "discharge")),
            "charge_capacity": (
                "cycle", capacity * 1.01, {"units": "A.h", "long_name": "Charge capacity"},
            ),
            "discharge_capacity": (
                "cycle", capacity, {"units": "A.h", "long_name": "Discharge capacity"},
            ),
            "short_circuit_onset_cycle": 50.0,
        },
        coords={"cycle": np.arange(1, cycles + 1)},
    )  # fmt: skip
