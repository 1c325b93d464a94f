"""Which pictures answer a study."""

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from twin.plots.onset import onset_map
from twin.plots.pareto import pareto_front
from twin.plots.saving import whole_figure
from twin.plots.style import TEXT_SIZE, WIDTH
from twin.plots.what_if import what_if_lines
from twin.results import form
from twin.results.form import designs, objectives
from twin.results.intervals import CHANCE
from twin.results.quantities import is_event
from twin.results.readable import readable

SEARCH = "search"
"""Name of the picture of a search."""
ONSET = "short_circuit_onset_cycle"
"""What is drawn of shorts where many cells short; where few do, it is their chance."""
TELLING_OF_SYMMETRIC_CELLS = ("lifetime", "cell_overpotential")
"""Results that tell the points of a study of symmetric cells apart, the most telling one last.

Retention is not among them: a symmetric cell passes the charge that it is told to pass."""
TELLING_OF_FULL_CELLS = ("capacity_retention", "energy_delivered")
"""Results that tell the points of a study of full cells apart, the most telling one last.

Retention is relative to the first cycle of its own point. Where the points differ in their steps, they
differ in that first cycle too, so that only the energy delivered over life compares them."""
STUDY_PICTURES = (SEARCH, ONSET, CHANCE, *TELLING_OF_SYMMETRIC_CELLS, *TELLING_OF_FULL_CELLS)
"""Every name under which :func:`study_figures` may give a picture."""
PRESCRIBED = 1e-6
"""Range of the retention over a whole study below which the protocol has prescribed it."""
MOSTLY = 0.5
"""Share of the draws that must short at some point for the median onset to exist there."""
MAP_FROM = 3
"""Values along both axes from which a map reads better than lines."""


def study_figures(study: xr.Dataset) -> dict[str, Figure]:
    """The pictures of a what-if study or of a search, by what they show.

    A search: its objectives against each other; a single one against the first design variable.
    A what-if: each of :func:`answers_of`, as a map over the two longest dimensions or as lines along
    one; further dimensions stand at their first value, which the title says.

    Raises DatasetError: neither a study nor a search, or one that lacks something.
    """
    if "evaluation" in getattr(study, "dims", ()):
        form.SEARCH.check(study)
        return {SEARCH: _search(study)}
    form.check_study(study)
    found = {}
    plane, title = _plane(study)
    for variable in answers_of(plane):
        figure = _of_one_answer(plane, variable)
        if title:
            figure.suptitle(title, fontsize=TEXT_SIZE, wrap=True)
        found[variable] = figure
    return found


def answers_of(study: xr.Dataset) -> list[str]:
    """What a what-if study tells, the most telling last.

    Of shorts their onset, or their chance where less than half of the draws short at every point. Then
    what tells the points of such cells apart; an event that comes in no draw of the study is left out.

    Raises DatasetError: no study, or one that lacks something.
    """
    form.check_study(study)
    shorted = float(study[ONSET].notnull().mean("draw").max())
    shorts = CHANCE if 0 < shorted < MOSTLY and CHANCE in study else ONSET
    kept = study["capacity_retention"]
    if "cell_overpotential" in study or float(kept.max() - kept.min()) < PRESCRIBED:
        telling = list(TELLING_OF_SYMMETRIC_CELLS)
    else:
        telling = list(TELLING_OF_FULL_CELLS if steps_differ(study) else TELLING_OF_FULL_CELLS[:1])
    return [
        name
        for name in (shorts, *telling)
        if name in study and (not is_event(name) or bool(study[name].notnull().any()))
    ]


def steps_differ(study: xr.Dataset) -> bool:
    """Whether a what-if study varies its protocol."""
    return "protocol" in study.dims or any("field" in own.attrs for own in study.coords.values())


def _search(study: xr.Dataset) -> Figure:
    if len(objectives(study)) > 1:
        return whole_figure(pareto_front(study))
    return whole_figure(pareto_front(study, next(iter(designs(study)), "evaluation")))


def _plane(study: xr.Dataset) -> tuple[xr.Dataset, str]:
    """The study over its two longest dimensions, and where the others stand."""
    study = _named_points(study)
    sizes = {str(name): size for name, size in study["outcome"].sizes.items() if name != "draw"}
    longest = sorted(sizes, key=lambda name: -sizes[name])[:2]
    others = [name for name in sizes if name not in longest]
    title = ", ".join(
        f"{readable(study[name]).name} {readable(study[name]).entry(0)}" for name in others
    )
    return study.isel(dict.fromkeys(others, 0)), title


def _named_points(study: xr.Dataset) -> xr.Dataset:
    """Points of a list get a name each: the values that stand side by side."""
    if "point" not in study.dims:
        return study
    beside = [
        readable(study[name])
        for name in study.variables
        if study[name].dims == ("point",) and name != "point"
    ]
    words = [
        ", ".join(column.entry(place) for column in beside) or f"{place + 1}"
        for place in range(study.sizes["point"])
    ]
    return study.assign_coords(point=("point", words, {"long_name": "Point"}))


def _of_one_answer(plane: xr.Dataset, variable: str) -> Figure:
    along = [str(name) for name in plane[variable].dims if name != "draw"]
    along.sort(key=lambda name: -plane.sizes[name])
    if not along:
        figure, axes = plt.subplots(figsize=(WIDTH, 3.9), layout="constrained")
        shown = readable(plane[variable])
        axes.hist(shown.values[np.isfinite(shown.values)], bins="auto")
        axes.set_xlabel(shown.label)
        axes.set_ylabel("Draws")
        return figure
    if len(along) == 2 and min(plane.sizes[name] for name in along) >= MAP_FROM:
        first, second = (str(name) for name in plane[variable].dims if name != "draw")
        return whole_figure(onset_map(plane, first, second, variable=variable))
    by = along[1] if len(along) == 2 else None
    return whole_figure(what_if_lines(plane, along[0], variable=variable, by=by))
