"""What is on the screen, to take along: as a command, as Python, as a study, as numbers and pictures."""

import io
import json
import shlex
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import tomli_w
from matplotlib.figure import Figure

import twin
from twin import names
from twin.studio.answers import DRAWS, Best, Interval
from twin.studio.view import View


def changes_of(view: View) -> dict[str, float]:
    """What was turned in the cell, key -> value."""
    return {key: entry.value for key, entry in view.cell.changes.items()}


def command(view: View) -> str:
    """The forecast of the view as a command."""
    words = ["twin", "forecast", view.cell_name, *view.steps, "--cycles", str(view.cycles)]
    words += ["--draws", str(DRAWS)]
    for key, value in changes_of(view).items():
        words += ["--set", f"{key}={value!r}"]
    return shlex.join(words)


def python_lines(view: View) -> str:
    """The forecast of the view as lines of Python."""
    changes = changes_of(view)
    turned = f".replace({json.dumps(changes)})" if changes else ""
    return (
        "import twin\n\n"
        f"cell = twin.load_cell({view.cell_name!r}){turned}\n"
        f"protocol = twin.Protocol({list(view.steps)!r}, cycles={view.cycles})\n"
        "run = twin.simulate(cell, protocol)\n"
        f"forecast = twin.forecast(cell, protocol, draws={DRAWS}, seed=0)\n"
        "summary = twin.summarise(forecast)\n"
    )


def study(view: View) -> str:
    """A what-if study that begins at the view: TOML, with a value to vary."""
    cell = view.cell
    key = names.COATING_THICKNESS if cell.has_coating else names.AMBIENT_TEMPERATURE
    name = "thickness" if cell.has_coating else "surroundings"
    content: dict = {
        "question": "What if?",
        "cell": view.cell_name,
        "cycles": view.cycles,
        "draws": DRAWS,
        "protocol": {"steps": list(view.steps)},
    }
    changes = {own: value for own, value in changes_of(view).items() if own != key}
    if changes:
        content["set"] = changes
    content["vary"] = {name: {"parameter": key, "values": [cell.values[key]]}}
    return tomli_w.dumps(content)


def numbers(found: Best) -> io.StringIO:
    """The cycles of the best estimate as CSV: each result with its unit."""
    per_cycle = found.run[[name for name, own in found.run.data_vars.items() if own.dims == ("cycle",)]]
    table = per_cycle.to_dataframe()
    units = {name: found.run[name].attrs.get("units", "") for name in table}
    table = table.rename(columns={name: f"{name} [{unit}]" for name, unit in units.items() if unit})
    return io.StringIO(table.to_csv())


def picture(found: Interval, ending: str) -> io.BytesIO:
    """The forecast as a picture, "png" or "svg"."""
    label = found.view.cell.description
    drawn = twin.plots.forecast_figure({label: found.summary}, {}, label)
    return as_file(drawn, ending)


def as_file(drawn: Figure, ending: str) -> io.BytesIO:
    """A figure as a file, "png" or "svg"; it is closed."""
    import matplotlib.pyplot as plt

    written = io.BytesIO()
    drawn.savefig(written, format=ending, dpi=150)
    plt.close(drawn)
    written.seek(0)
    return written


def as_archive(texts: Mapping[str, str], files: Mapping[str, Path]) -> io.BytesIO:
    """Texts and files, each by the name that it has in the archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, text in texts.items():
            whole.writestr(name, text)
        for name, path in sorted(files.items()):
            whole.write(path, name)
    written.seek(0)
    return written


def report(found: Interval) -> io.BytesIO:
    """The page that ``twin forecast --report`` writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = twin.report.write(Path(folder) / "report.html", found.forecast, cell=found.view.cell)
        return io.BytesIO(path.read_bytes())
