"""Command line: parse, call, print. Exit status 0 only when the thing asked for was done."""

import contextlib
import math
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from twin.errors import OutputError, TwinError
from twin.terminal import interval, number, print_json, print_table, say

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Digital twins of all-solid-state lithium cells.\n\n"
    "Start with:  [bold]twin forecast Chang2023_LiAlO2_LGPS_LCO[/bold]",
)

INTERRUPTED = 130
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
SeedOption = Annotated[int, typer.Option(help="Seed of every random draw.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help='Change a parameter: --set "Coating thickness [m]=100e-9".'),
]
OutOption = Annotated[
    Path | None, typer.Option(help="Folder for the netCDF file and the plot (default: here).")
]


class SimulatorName(StrEnum):
    """Simulators, as the command line spells them."""

    LONG_CYCLING = "long_cycling"
    REFERENCE = "reference"


@app.command()
def cells(as_json: JsonOption = False):
    """List the shipped cells.

    Example:  twin cells
    """
    from twin.parameter_sets import cells, load_cell

    loaded = [load_cell(name) for name in cells()]
    if as_json:
        print_json(
            [
                {"name": cell.name, "description": cell.description, "fitted": cell.fitted_set}
                for cell in loaded
            ]
        )
        return
    rows = [(cell.name, cell.description, cell.fitted_set or "no") for cell in loaded]
    print_table("Shipped cells", ("cell", "stack", "fitted"), rows)


@app.command()
def run(
    cell: Annotated[str, typer.Argument(help="A shipped cell, or the path of your own TOML file.")],
    steps: Annotated[list[str], typer.Argument(help="Steps of one cycle, as PyBaMM writes them.")],
    cycles: Annotated[int, typer.Option(help="How often the steps are repeated.")] = 1,
    simulator: Annotated[SimulatorName, typer.Option()] = SimulatorName.LONG_CYCLING,
    initial_soc: Annotated[
        float | None, typer.Option(help="0 at the lower cut-off's voltage, 1 at the upper one's.")
    ] = None,
    changes: SetOption = None,
    out: Annotated[Path | None, typer.Option(help="netCDF file to write.")] = None,
    as_json: JsonOption = False,
):
    """Run a protocol once, with the fitted values.

    Example:  twin run Chang2023_LiAlO2_LGPS_LCO "Charge at 1C until 4.2 V" "Rest for 1 hour" --cycles 9
    """
    from twin.protocols import Protocol
    from twin.results import save

    chosen = _cell(cell, changes)
    _check_writable(out.parent if out else None)
    from twin.simulators import simulate

    result = simulate(
        chosen, Protocol(steps, cycles=cycles), simulator=simulator.value, initial_soc=initial_soc
    )
    if out is not None:
        save(result, out)
    scalars = {
        name: result[name].item()
        for name in ("outcome", "short_circuit_onset_cycle", "lifetime", "notes")
    }
    last = result.isel(cycle=-1) if result.sizes["cycle"] else None
    shown = ("capacity_retention", "specific_discharge_capacity", "cell_overpotential", "time")
    values = {name: float(last[name]) for name in shown if last is not None and name in last}
    if as_json:
        print_json({"cell": chosen.name, "cycles": result.sizes["cycle"]} | scalars | values)
    else:
        rows = [("cycles run", str(result.sizes["cycle"]))]
        rows += [(name.replace("_", " "), number(value)) for name, value in scalars.items()]
        rows += [(f"{name.replace('_', ' ')}, last cycle", number(v)) for name, v in values.items()]
        print_table(chosen.name, ("result", "value"), rows)
    if scalars["outcome"] in ("infeasible", "solver_failure"):
        raise TwinError(scalars["notes"] or f"the run ended as {scalars['outcome']}")


@app.command()
def fit(
    cell: Annotated[str, typer.Argument(help='A cell or a paper, e.g. "Chang2023".')],
    trials: Annotated[int, typer.Option(help="Trials of the study in all; it resumes.")] = 500,
    storage: Annotated[str, typer.Option(help="Optuna storage URL.")] = "sqlite:///fits.db",
    seed: SeedOption = 0,
    leave_out: Annotated[list[str] | None, typer.Option(help="Row to leave out, e.g. C55.")] = None,
    out: OutOption = None,
    as_json: JsonOption = False,
):
    """Fit all cells of a paper jointly to its measured rows, and write the fitted set.

    Example:  twin fit Chang2023 --trials 500 --out fitted
    """
    folder = Path(".") if out is None else out
    _check_writable(folder)
    from twin.posterior import fit

    try:
        posterior = fit(cell, trials=trials, storage=storage, seed=seed, leave_out=leave_out or ())
    except KeyboardInterrupt:
        say(f"Stopped. The finished trials are kept in {storage}; the same command goes on from there.")
        raise typer.Exit(INTERRUPTED) from None
    written = posterior.save(folder)
    intervals = posterior.intervals
    if as_json:
        print_json(
            {
                "objective": posterior.fit.objective,
                "trials": posterior.fit.trials,
                "values": posterior.fit.values,
                "intervals": intervals,
                "files": [str(path) for path in written],
            }
        )
        return
    rows = [
        (name, f"{value:.4g}", f"{intervals[name][0]:.3g} to {intervals[name][1]:.3g}")
        for name, value in posterior.fit.values.items()
    ]
    effective = posterior.draws.attrs["effective_draws"]
    title = (
        f"-ln(posterior) {posterior.fit.objective:.4g} after {posterior.fit.trials} trials, "
        f"{effective:.0f} effective draws"
    )
    print_table(title, ("parameter", "value", "5 to 95 %"), rows)
    say(f"Wrote {', '.join(str(path) for path in written)}")


@app.command()
def forecast(
    cell: Annotated[str, typer.Argument(help="A shipped cell, or the path of your own TOML file.")],
    steps: Annotated[
        list[str] | None, typer.Argument(help="Steps of one cycle (default: 1C between the cut-offs).")
    ] = None,
    cycles: Annotated[int, typer.Option(help="Number of cycles.")] = 800,
    draws: Annotated[int, typer.Option(help="Draws of what the fit leaves open.")] = 200,
    seed: SeedOption = 0,
    changes: SetOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
):
    """Forecast retention and short-circuit onset, with intervals, a plot and a netCDF file.

    Example:  twin forecast Chang2023_LiAlO2_LGPS_LCO
    """
    folder = Path(".") if out is None else out
    _check_writable(folder)
    chosen = _cell(cell, changes)
    from twin.forecasting import forecast, standard_protocol, summarise
    from twin.protocols import Protocol
    from twin.results import save

    protocol = Protocol(steps, cycles=cycles) if steps else standard_protocol(chosen, cycles)
    try:
        data = forecast(chosen, protocol, draws=draws, seed=seed)
        summary = summarise(data)
        files = [save(data, folder / f"{chosen.name}_forecast.nc")]
        summaries = {chosen.description: summary}
        other = _counterpart(chosen)
        if other is not None:
            beside = forecast(other, protocol, draws=max(1, draws // 4), seed=seed)
            summaries[other.description] = summarise(beside)
    except KeyboardInterrupt:
        say("Stopped.")
        raise typer.Exit(INTERRUPTED) from None
    files += _forecast_plot(chosen, other, protocol, summaries, folder)
    answer = _forecast_answer(summary, cycles)
    if as_json:
        print_json({"cell": chosen.name, "draws": draws} | answer | {"files": [str(f) for f in files]})
    else:
        rows = [(name.replace("_", " "), interval(value)) for name, value in answer.items()]
        print_table(f"{chosen.name}: {cycles} cycles, {draws} draws", ("forecast", "value"), rows)
        say(f"Wrote {', '.join(str(path) for path in files)}")
    if not answer["usable_draws"]:
        raise TwinError(_no_answer(data))


@app.command()
def validate(
    paper: Annotated[str | None, typer.Argument(help="One paper (default: all).")] = None,
    draws: Annotated[int, typer.Option(help="Draws of the fit behind each interval.")] = 100,
    seed: SeedOption = 0,
    leave_out: Annotated[
        list[str] | None, typer.Option(help="Refit without this row first: out of sample.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the table (CSV) and the plot.")] = None,
    as_json: JsonOption = False,
):
    """Every measured row beside the twin's answer.

    Example:  twin validate --leave-out C55
    """
    _check_writable(out)
    from twin.validation import validate

    table = validate(paper, draws=draws, seed=seed, leave_out=leave_out or ())
    if as_json:
        print_json(table.to_dict("records"))
    else:
        _print_validation(table)
    if out is not None:
        from twin import plots
        from twin.results import write_whole

        write_whole(out / "validation.csv", lambda beside: table.to_csv(beside, index=False))
        figure = plots.validation_figure(table)
        write_whole(out / "validation.png", lambda beside: figure.savefig(beside, dpi=150))


def main():
    """Entry point: errors raised on purpose become one line and exit status 1."""
    import logging

    logging.getLogger("pybamm").setLevel(logging.ERROR)
    try:
        app(standalone_mode=True)
    except TwinError as error:
        print(f"twin: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        sys.exit(1)


def _cell(name: str, changes: list[str] | None):
    from twin.errors import ParameterError
    from twin.parameter_sets import load_cell

    chosen = load_cell(name)
    for change in changes or ():
        key, separator, number = change.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            separator = ""
        if not separator:
            raise ParameterError(f'--set takes "parameter=number", not {change!r}')
        chosen = chosen.replace({key.strip(): value})
    return chosen


def _counterpart(cell):
    """The bare cell beside a coated one and the other way round, None where there is none."""
    from twin.parameter_sets import cells, load_cell

    parts = {role: part for role, part in cell.parts.items() if role != "coating"}
    for name in cells():
        other = load_cell(name)
        same = {role: part for role, part in other.parts.items() if role != "coating"} == parts
        different = other.parts.get("coating") != cell.parts.get("coating")
        if same and different and other.interfaces == cell.interfaces:
            return other
    return None


def _forecast_plot(cell, other, protocol, summaries, folder: Path) -> list[Path]:
    os.environ.setdefault("MPLBACKEND", "Agg")
    from twin import plots
    from twin.observations import measured_retention
    from twin.results import write_whole

    measured = {
        shown.description: measured_retention(shown.name, protocol)
        for shown in (cell, other)
        if shown is not None
    }
    title = f"{cell.name}: {' / '.join(protocol.block[0])}"
    figure = plots.forecast_figure(summaries, measured, title)
    return [
        write_whole(
            folder / f"{cell.name}_forecast.{kind}", lambda beside: figure.savefig(beside, dpi=150)
        )
        for kind in ("png",)
    ]


def _forecast_answer(summary, cycles: int) -> dict:
    from twin import names
    from twin.forecasting import NO_ANSWER

    outcomes = {name: int(summary["outcomes"].sel(outcome=name)) for name in names.OUTCOMES}
    usable = sum(count for name, count in outcomes.items() if name not in NO_ANSWER)
    answer: dict = {"usable_draws": usable}
    if usable:
        retention = summary["capacity_retention"].isel(cycle=-1).values
        answer |= {
            f"retention_at_{cycles}_percent": [100 * float(v) for v in retention],
            f"chance_of_short_within_{cycles}_percent": 100
            * float(summary["short_circuit_probability"][-1]),
            "short_circuit_onset_cycle": [float(v) for v in summary["short_circuit_onset_cycle"]],
            "lifetime_hours": [float(v) for v in summary["lifetime"]],
        }
    return answer | {"outcomes": {name: count for name, count in outcomes.items() if count}}


def _no_answer(data) -> str:
    notes = [str(note) for note in data["notes"].values if str(note)]
    return notes[0] if notes else "no draw gave an answer"


def _print_validation(table):
    rows = [
        (
            row.id,
            row.role + (" (left out)" if row.left_out else ""),
            row.observable,
            row.at,
            f"{number(row.measured)} {row.unit}",
            number(row.predicted),
            "" if row.low is None or math.isnan(row.low) else f"{row.low:.4g} to {row.high:.4g}",
            {True: "yes", False: "NO"}.get(row.inside, ""),
        )
        for row in table.itertuples()
    ]
    columns = ("row", "role", "observable", "at", "measured", "predicted", "5 to 95 %", "inside")
    print_table("Measured and predicted", columns, rows)
    compared = table[table["inside"].notna()]
    for role, own in compared.groupby("role"):
        say(f"{role}: {int(own['inside'].astype(bool).sum())} of {len(own)} rows inside")


def _check_writable(folder: Path | None):
    """Fail before the work, not after it."""
    if folder is None:
        return
    with contextlib.suppress(FileExistsError):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"cannot make the folder {folder}: {error.strerror}; name one that you may write to"
            ) from None
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise OutputError(f"cannot write to {folder}; name a folder that you may write to")


if __name__ == "__main__":
    main()
