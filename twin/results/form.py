"""What a Dataset must hold to be a forecast, a study, a spectrum: checked where one comes in.

A Dataset may come from anybody's netCDF file. What is asked of it stands in its form, so that what is
missing is said before anything is made of it.
"""

import dataclasses
import textwrap
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from twin.errors import DatasetError, shown
from twin.results.quantities import EDGES, QUANTITIES, SEARCHES

NUMBERS = "fiub"
"""Kinds of numpy's types that count as numbers; truth values do too."""
TEXTS = "UOST"
"""Kinds of numpy's types that count as texts."""
LONGEST_HELD = 200
"""Characters of the names that a Dataset holds, where an error tells them."""
MOST_TOLD = 3
"""Faults of a Dataset that an error tells: the first ones say which kind of file it is."""
KINDS = {str: "text", int: "a whole number", float: "a number"}


@dataclass(frozen=True)
class Form:
    """What a Dataset of one kind holds at least.

    Attributes
    ----------
    kind : "a forecast"
    maker : what makes such a Dataset, "twin.forecast"
    numbers, texts : name of a variable or coordinate -> dimensions that it has
    others : further dimensions that they may have; None: any
    sizes : dimension -> its length, where that is fixed; every dimension named has one entry at least
    attributes : name -> str, int or float
    optional : the same, of those that may be left out
    """

    kind: str
    maker: str
    numbers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    others: Collection[str] | None = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    attributes: Mapping[str, type] = field(default_factory=dict)
    optional: Mapping[str, type] = field(default_factory=dict)

    def check(self, data) -> None:
        """Raise DatasetError, with what is missing and what makes such a Dataset, unless it fits."""
        if not isinstance(data, xr.Dataset):
            raise DatasetError(f"{self.kind} is an xarray.Dataset, not {shown(data)}; {self._remedy}")
        faults = [*self._faults_of_variables(data), *self._faults_of_attributes(data)]
        if faults:
            more = f" and {len(faults) - MOST_TOLD} faults more" if len(faults) > MOST_TOLD else ""
            held = textwrap.shorten(", ".join(map(str, data.variables)) or "nothing", LONGEST_HELD)
            raise DatasetError(
                f"this Dataset is not {self.kind}: {', '.join(faults[:MOST_TOLD])}{more} (it holds: "
                f"{held}); {self._remedy}"
            )

    def also(self, numbers: Mapping[str, tuple[str, ...]]) -> "Form":
        """The form that asks for these numbers too."""
        return dataclasses.replace(self, numbers={**self.numbers, **numbers})

    @property
    def _remedy(self) -> str:
        return f"{self.maker} makes one, and twin.load reads it back from the file of twin.save"

    def _faults_of_variables(self, data: xr.Dataset) -> Iterator[str]:
        for types, named, of in ((NUMBERS, self.numbers, "numbers"), (TEXTS, self.texts, "texts")):
            for name, dims in named.items():
                if name not in data.variables:
                    yield f"it has no variable '{name}'"
                    continue
                own = [str(dim) for dim in data[name].dims]
                further = set(own) - set(dims) - set(own if self.others is None else self.others)
                if further or not set(dims) <= set(own):
                    over = " and ".join(own) or "nothing"
                    yield f"'{name}' is over {shown(over)}, not over {' and '.join(dims)}"
                if data[name].dtype.kind not in types:
                    yield f"'{name}' holds no {of}"
        there = [name for name in (*self.numbers, *self.texts) if name in data.variables]
        for dim in sorted({str(dim) for name in there for dim in data[name].dims}):
            expected = self.sizes.get(dim)
            if not data.sizes[dim]:
                yield f"'{dim}' is empty"
            elif expected is not None and data.sizes[dim] != expected:
                yield f"'{dim}' has {data.sizes[dim]} entries, not {expected}"

    def _faults_of_attributes(self, data: xr.Dataset) -> Iterator[str]:
        for name, kind in {**self.attributes, **self.optional}.items():
            if name in data.attrs:
                if not is_of(data.attrs[name], kind):
                    yield f"its attribute '{name}' is {shown(data.attrs[name])}, not {KINDS[kind]}"
            elif name in self.attributes:
                yield f"it has no attribute '{name}'"


def is_of(value, kind: type) -> bool:
    """Whether an attribute is of a kind: str, int or float, numpy's included."""
    if kind is str:
        return isinstance(value, str)
    numbers = (int, np.integer) if kind is int else (int, float, np.integer, np.floating)
    return isinstance(value, numbers) and not isinstance(value, bool)


OPTIONAL = {
    "effective_draws": float, "effective_capacity_retention": float,
    "effective_short_circuit_onset_cycle": float, "doubt": str, "versions": str, "changes": str,
    "parameter_hash": str,
    "question": str, "draw_from": str, "cycles": int, "draws": int,
}  # fmt: skip
"""Attributes that many Datasets of the twin carry, and that a report reads where they are."""
RUN = Form(
    "the run of one cell",
    "twin.simulate",
    numbers={"cycle": ("cycle",)},
    attributes={"cell": str, "parameter_hash": str, "protocol": str, "repetitions": int},
)
FORECAST = Form(
    "a forecast",
    "twin.forecast",
    numbers={
        "capacity_retention": ("draw", "cycle"),
        "short_circuit_onset_cycle": ("draw",),
        "lifetime": ("draw",),
        "cycle": ("cycle",),
    },
    texts={"outcome": ("draw",)},
    optional=OPTIONAL,
)
STUDY = Form(
    "a what-if study",
    "twin.what_if",
    numbers={"short_circuit_onset_cycle": ("draw",), "capacity_retention": ("draw",)},
    texts={"outcome": ("draw",)},
    others=None,
    optional=OPTIONAL,
)
SEARCH = Form(
    "a search",
    "twin.search",
    numbers={"feasible": ("evaluation",), "on_front": ("evaluation",)},
    optional=OPTIONAL,
)
DRAWN = Form(
    "a Dataset with drawn parameters",
    "twin.forecast (or twin.what_if)",
    numbers={
        "parameter_value": ("draw", "parameter"),
        "parameter_informed": ("parameter",),
        "parameter_cell_share": ("parameter",),
    },
    texts={"parameter_source": ("parameter",), "parameter": ("parameter",), "outcome": ("draw",)},
    others=None,
    optional=OPTIONAL,
)
SUMMARY = Form(
    "the summary of a forecast",
    "twin.summarise",
    numbers={
        "alive": ("cycle",),
        "quantile": ("quantile",),
        "cycle": ("cycle",),
    },
    sizes={"quantile": 3},
)
SURVIVAL = Form(
    "the summary of a forecast",
    "twin.summarise",
    numbers={"cycle": ("cycle",)},
)
RESISTANCES = Form(
    "a run or a forecast",
    "twin.simulate (or twin.forecast)",
    numbers={"resistance": ("cycle", "mechanism"), "cycle": ("cycle",)},
    texts={"mechanism": ("mechanism",)},
    others=("draw",),
)
INTERFACES = Form(
    "a run or a forecast",
    "twin.simulate (or twin.forecast)",
    numbers={"cycle": ("cycle",)},
    texts={"interface": ("interface",)},
)
SERIES = Form(
    "a time series",
    "twin.time_series",
    numbers={"voltage": ("cycle", "point"), "cycle": ("cycle",)},
)
"""Over time or capacity, which a picture of it names."""
SPECTRA = Form(
    "a set of impedance spectra",
    "twin.impedance",
    numbers={
        "impedance_real": ("cycle", "frequency"),
        "impedance_imag": ("cycle", "frequency"),
        "cycle": ("cycle",),
        "frequency": ("frequency",),
    },
)
FOLLOWED = Form(
    "the history of a followed cell",
    "the history of what twin.update gives",
    numbers={
        "measured_cycles": ("update",),
        "short_circuit_onset_cycle": ("update", "quantile"),
        "short_circuit_probability": ("update", "quantile"),
    },
    texts={"alarm": ("update",)},
    sizes={"quantile": 3},
    attributes={"cell": str, "horizon": int},
)
SENSITIVITIES = Form(
    "a set of sensitivities",
    "twin.sensitivity",
    numbers={
        "rank_correlation": ("quantity", "parameter"),
        "rank_correlation_low": ("quantity", "parameter"),
        "rank_correlation_high": ("quantity", "parameter"),
        "noise_level": ("quantity",),
    },
    texts={"basis": ("parameter",), "quantity": ("quantity",), "parameter": ("parameter",)},
)


def check_study(data) -> None:
    """Raise DatasetError unless it is a what-if study, every result over the points of its outcomes."""
    STUDY.check(data)
    points = set(data["outcome"].dims)
    for name in map(str, data.data_vars):
        if name in QUANTITIES and set(data[name].dims) != points:
            own = " and ".join(map(str, data[name].dims)) or "nothing"
            raise DatasetError(
                f"this Dataset is not a what-if study: '{name}' is over {own}, the outcomes of its runs "
                f"are over {' and '.join(map(str, data['outcome'].dims))}"
            )


VALIDATION_COLUMNS = (
    "id", "paper", "cell", "observable", "at", "role", "kind", "measured", "unit", "predicted", "low",
    "high", "inside", "left_out",
)  # fmt: skip
"""Columns of the table of :func:`twin.validate`."""


def check_validation(table) -> None:
    """Raise DatasetError unless it is a table of measured rows beside the twin's answers."""
    columns = getattr(table, "columns", ())
    missing = [name for name in VALIDATION_COLUMNS if name not in columns]
    if missing:
        raise DatasetError(
            f"this is not the table of a validation: it has no column {', '.join(missing)}; "
            "twin.validate makes one"
        )


def objectives(search: xr.Dataset) -> list[str]:
    """Objectives of a search, in the order of its Dataset: the numbers that carry an interval."""
    numbers = {
        str(name)
        for name, values in search.data_vars.items()
        if values.dims == search["feasible"].dims and values.dtype.kind in NUMBERS
    }
    ends = {name: {f"{name}_{end}" for end in EDGES} for name in map(str, search.data_vars)}
    return [name for name in ends if {name, *ends[name]} <= numbers]


def designs(search: xr.Dataset) -> list[str]:
    """What a search could choose: what its Dataset holds of each evaluation and says nothing of it."""
    goals = objectives(search)
    said = {*SEARCHES, *goals, *(f"{name}_{edge}" for name in goals for edge in EDGES)}
    found = search.data_vars.items()
    return [str(n) for n, v in found if v.dims == search["feasible"].dims and n not in said]
