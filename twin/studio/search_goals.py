"""What a search of the page may be after: results and sliders, and how often a cell may short."""

from twin.plots.pareto import BETTER
from twin.studies.question import goals_of
from twin.studio.map_cells import label_of
from twin.studio.varied import may_vary
from twin.studio.view import View

CHANCES = {"as it may be": 1.0, "at most 5 %": 0.05, "at most 10 %": 0.1, "at most 20 %": 0.2}
"""What the chance of a short circuit within the run may be."""
OF_A_FULL_CELL = ("maximise energy_delivered", "minimise charge_time")
"""What a search begins with. Retention is relative to the first cycle of each point, so that it does not
compare points of different currents; the energy delivered over life does."""


def first_goals(view: View) -> tuple[str, str]:
    """The objectives that a search begins with, of a symmetric cell its life and its first slider."""
    if view.loaded.has_cathode:
        return OF_A_FULL_CELL
    return "maximise lifetime", f"maximise {may_vary(view)[0].name}"


def objectives_of(view: View) -> dict[str, str]:
    """What can be made best, words -> objective of a study: results, and the sliders themselves."""
    goals = goals_of(view.loaded)
    results = {
        f"{label_of(name)} ({BETTER[goal]})": f"{goal} {name}" for name, goal in goals.items()
    }  # fmt: skip
    sliders = {
        f"{knob.label} ({words})": f"{goal} {knob.name}"
        for knob in may_vary(view)
        for goal, words in BETTER.items()
    }
    return results | sliders
