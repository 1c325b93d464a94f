"""The answer in a line, for people and for screen readers."""

import numpy as np

from twin.results.phrases import chance_in_words, span
from twin.studio.answers import Best, Interval
from twin.studio.knobs import knobs_of
from twin.studio.view import View


def of_view(view: View) -> str:
    """What was turned and typed in a view: "coating thickness 100 nm, current 2 C"."""
    turned = [
        f"{knob.label[0].lower()}{knob.label[1:]} {view.shows(knob):g} {knob.unit}".rstrip()
        for knob in knobs_of(view.loaded)
        if knob.name in view.turned
    ]
    steps = [f"{len(view.steps)} typed steps"] if view.typed.strip() else []
    return ", ".join([*turned, *steps]) or "as the page began"


def of_best(found: Best) -> str:
    """ "92.7 % of the capacity after 800 cycles: completed"."""
    run, full = found.run, found.view.loaded.has_cathode
    values = run["capacity_retention" if full else "cell_overpotential"].values
    known = np.flatnonzero(np.isfinite(values))
    outcome = str(run["outcome"].item()).replace("_", " ")
    if not known.size:
        return f"No cycle runs: {outcome}"
    last, cycle = values[known[-1]], int(run["cycle"][known[-1]])
    kept = f"{100 * last:.1f} % of the capacity" if full else f"{1e3 * last:.0f} mV"
    return f"{kept} after {cycle} cycles: {outcome}"


def of_interval(found: Interval) -> str:
    """What the draws say of the last cycle, and how long they took."""
    last = found.summary.isel(cycle=-1)
    chance = chance_in_words(last["short_circuit_probability_interval"].values)
    draws = f"{found.forecast.sizes['draw']} draws in {found.seconds:.1f} s"
    said = f"chance of a short by then {chance} ({draws})"
    if found.view.loaded.has_cathode and np.isfinite(last["capacity_retention"].values).all():
        return f"{span(100 * last['capacity_retention'].values, '%')} of the cells that live; {said}"
    return said
