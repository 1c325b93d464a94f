"""The other files of a new folder: protocols, rows, spread, priors, measurements, a study, a guide."""

import string
from collections.abc import Iterable, Mapping
from pathlib import Path

from twin import names
from twin.cell import Cell
from twin.errors import ObservationError
from twin.files import read_toml
from twin.measured.folder import ROWS, shipped_experiments
from twin.measured.measurements import MEASUREMENTS
from twin.measured.priors import PRIORS
from twin.measured.procedure import PROTOCOLS
from twin.measured.spread import SPREAD
from twin.own_folder.texts import comment, literal, quoted
from twin.parts import shipped

TEMPLATES = Path(__file__).parent / "templates"
"""Files that a new folder begins with; $words in them are filled in."""
OF_KIND = (PROTOCOLS, ROWS, "study.toml")
"""Those that differ between full and symmetric cells, and are written as they are."""
CUT_OFFS = {"upper": 4.2, "lower": 2.6}
"""Cut-offs [V] in the protocols of an empty stack: of LCO against lithium, to be replaced."""
ABOUT_SPREAD = (
    "How far equal cells differ, and how well a row was read. All numbers are standard deviations: of "
    "the natural logarithm (0.2 is about 20 %), or in points of percent. Of an observable, scatter is "
    "each row's own and cell is shared by all rows of one physical cell."
)
ABOUT_PARAMETERS = "What makes the next cell differ: deviations of ln of a parameter, for forecasts."
ABOUT_PRIORS = (
    "Fits that say what is known of shipped parts before the rows of this folder: their posteriors, "
    "each parameter for itself, widened by the spread between equal cells of their papers, are the "
    "priors of this folder's fit. fits = [] leaves the priors in the files of the parts."
)


def other_files(
    kind: str, cell_name: str, like: Cell | None, parts: Iterable[str], title: str
) -> dict[str, str]:
    """Name of a file -> its text, of a folder of a "full" or a "symmetric" cell.

    `like` is the shipped cell that it begins with, None of an empty stack.
    """
    symmetric = kind == "symmetric"
    step = "Discharge at 0.1 mA/cm2 for 1 hour" if symmetric else "Charge at 0.1C for 1 hour"
    words = {
        "cell": cell_name,
        "title": title,
        "step": step,
        "protocol": "rate test",
        "parts": "\n".join(f"| `{name}.toml` | a part of the cell |" for name in parts),
        "priors": f"| `{PRIORS}` | which fits that ship are priors |\n" if _fits(like) else "",
        **{end: f"{volts:g}" for end, volts in _cut_offs(like).items()},
    }
    found = {name: _filled(TEMPLATES / kind / name, words) for name in OF_KIND}
    found |= {name: _filled(TEMPLATES / name, words) for name in (MEASUREMENTS, "README.md")}
    found[SPREAD] = _spread(TEMPLATES / kind / SPREAD, like)
    if _fits(like):
        found[PRIORS] = f"{comment(ABOUT_PRIORS)}\nfits = {literal_list(_fits(like))}\n"
    return found


def _filled(path: Path, words: Mapping[str, str]) -> str:
    return string.Template(path.read_text(encoding="utf-8")).substitute(words)


def _cut_offs(like: Cell | None) -> dict[str, float]:
    if like is None:
        return CUT_OFFS
    return {"upper": like.values[names.UPPER_CUT_OFF], "lower": like.values[names.LOWER_CUT_OFF]}


def _fits(like: Cell | None) -> tuple[str, ...]:
    """The fits that ship of a cell's parts."""
    return () if like is None else like.fitted_sets


def literal_list(words: Iterable[str]) -> str:
    """Words as a list on one line."""
    return f"[{', '.join(map(quoted, words))}]"


def _spread(template: Path, like: Cell | None) -> str:
    """The template, with what the paper of a shipped cell says in place of its guesses."""
    tables = read_toml(template, ObservationError)
    if like is not None and like.reference in shipped_experiments():
        said = read_toml(shipped("experiments") / like.reference / SPREAD, ObservationError)
        for own in (*said["observable"].values(), *said["parameter"].values()):
            own["source"] = f"as {like.reference} ({own['source']})"
        tables["observable"] |= said["observable"]
        tables["parameter"] = {
            key: own
            for key, own in (tables["parameter"] | said["parameter"]).items()
            if key in like.parameters
        }
    texts = [comment(ABOUT_SPREAD)]
    texts += [_table("observable", name, own) for name, own in tables["observable"].items()]
    texts.append(comment(ABOUT_PARAMETERS))
    texts += [_table("parameter", name, own) for name, own in tables["parameter"].items()]
    return "\n\n".join(texts) + "\n"


def _table(family: str, name: str, content: Mapping) -> str:
    lines = [f"{word} = {literal(value)}" for word, value in content.items()]
    return "\n".join([f"[{family}.{quoted(name)}]", *lines])
