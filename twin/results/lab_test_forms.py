"""What a Dataset of a laboratory's test must hold, to be read or drawn."""

from twin.results.form import Form

RAMP = Form(
    "a run or a forecast of a symmetric cell",
    "twin.simulate (or twin.forecast)",
    numbers={
        "half_cycle_current_density": ("cycle",),
        "critical_current_density": (),
        "cumulative_charge": (),
        "short_circuit_onset_cycle": (),
        "cycle": ("cycle",),
    },
    texts={"outcome": ()},
    others=("draw",),
    optional={"effective_draws": float},
)
PULSES = Form(
    "a time series of a full cell",
    "twin.time_series",
    numbers={
        name: ("cycle", "point")
        for name in (
            "time",
            "step",
            "current_density",
            "voltage",
            "open_circuit_voltage",
            "state_of_charge",
        )
    },
)
RAMP_SERIES = Form(
    "a time series",
    "twin.time_series",
    numbers={name: ("cycle", "point") for name in ("time", "voltage", "current_density")}
    | {"cycle": ("cycle",)},
)
RAMP_TIMES = Form(
    "the run of a ramp",
    "twin.simulate",
    numbers={
        "time": ("cycle",),
        "half_cycle_current_density": ("cycle",),
        "short_circuit_onset_cycle": (),
        "cycle": ("cycle",),
    },
)
CHANCE_OF_CURRENT = Form(
    "the critical current of a forecast",
    "twin.critical_current (of a forecast)",
    numbers={
        "short_circuit_probability": ("current_density",),
        "short_circuit_probability_interval": ("quantile", "current_density"),
        "current_density": ("current_density",),
    },
    sizes={"quantile": 3},
)
PLATING = Form(
    "the run of one-way plating",
    "twin.simulate",
    numbers={
        "areal_charge_passed": ("cycle",),
        "cell_overpotential": ("cycle",),
        "leak_fraction": ("cycle",),
        "short_circuit_onset_cycle": (),
        "cycle": ("cycle",),
    },
)
CAPACITIES = Form(
    "a run or a forecast",
    "twin.simulate (or twin.forecast)",
    numbers={"discharge_capacity": ("cycle",), "cycle": ("cycle",)},
    texts={"kind": ("cycle",)},
    others=("draw",),
)
RESISTANCE_BY_PULSES = Form(
    "a set of resistances by pulses",
    "twin.pulse_resistance",
    numbers={
        name: ("pulse",)
        for name in (
            "state_of_charge",
            "current_density",
            "instantaneous_resistance",
            "pulse_resistance",
        )
    },
)
