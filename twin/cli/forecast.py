"""`twin forecast`: the main job."""

import os
from pathlib import Path
from typing import Annotated

import typer

from twin.cli.options import (
    INTERRUPTED,
    CellArgument,
    JsonOption,
    OutOption,
    OverwriteOption,
    ReportOption,
    SeedOption,
    SetOption,
    chosen_cell,
)
from twin.cli.outputs import NETCDF, check_report, output_stem, with_suffix
from twin.cli.pictures import KINDS, save_picture, save_report
from twin.cli.terminal import interval, print_json, print_table, say
from twin.errors import TwinError

SUFFIXES = (NETCDF, *KINDS)


def forecast(
    cell: CellArgument,
    steps: Annotated[
        list[str] | None, typer.Argument(help="Steps of one cycle (default: 1C between the cut-offs).")
    ] = None,
    cycles: Annotated[int, typer.Option(help="Number of cycles.")] = 800,
    draws: Annotated[int, typer.Option(help="Draws of what the fit leaves open.")] = 200,
    seed: SeedOption = 0,
    changes: SetOption = None,
    out: OutOption = None,
    report: ReportOption = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
):
    """Forecast retention and short-circuit onset, with intervals, a plot and a netCDF file.

    Example:  twin forecast Chang2023_LiAlO2_LGPS_LCO
    """
    chosen = chosen_cell(cell, changes)
    stem = output_stem(out, f"{chosen.name}_forecast", SUFFIXES, overwrite=overwrite)
    check_report(report, overwrite)
    from twin.files import save
    from twin.forecasting import forecast, standard_protocol, summarise
    from twin.protocols import Protocol

    protocol = Protocol(steps, cycles=cycles) if steps else standard_protocol(chosen, cycles)
    try:
        data = forecast(chosen, protocol, draws=draws, seed=seed)
        summary = summarise(data)
        files = [save(data, with_suffix(stem, NETCDF))]
        summaries = {chosen.description: summary}
        other = _counterpart(chosen)
        if other is not None:
            beside = forecast(other, protocol, draws=max(1, draws // 4), seed=seed)
            summaries[other.description] = summarise(beside)
    except KeyboardInterrupt:
        say("Stopped.")
        raise typer.Exit(INTERRUPTED) from None
    files += _forecast_plot(chosen, other, protocol, summaries, stem)
    if report is not None:
        files.append(save_report(report, data, overwrite=overwrite, cell=chosen))
    answer = _forecast_answer(summary, cycles)
    if as_json:
        print_json({"cell": chosen.name, "draws": draws} | answer | {"files": [str(f) for f in files]})
    else:
        rows = [(name.replace("_", " "), interval(value)) for name, value in answer.items()]
        print_table(f"{chosen.name}: {cycles} cycles, {draws} draws", ("forecast", "value"), rows)
        say(f"Wrote {', '.join(str(path) for path in files)}")
    if not answer["usable_draws"]:
        raise TwinError(_no_answer(data))


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


def _forecast_plot(cell, other, protocol, summaries, stem: Path) -> list[Path]:
    os.environ.setdefault("MPLBACKEND", "Agg")
    from twin import plots
    from twin.measured.experiment import measured_retention

    measured = {
        shown.description: measured_retention(shown.name, protocol)
        for shown in (cell, other)
        if shown is not None
    }
    title = f"{cell.name}: {protocol.block[0].kind}"
    figure = plots.forecast_figure(summaries, measured, title)
    return save_picture(figure, stem)


def _forecast_answer(summary, cycles: int) -> dict:
    from twin import names

    outcomes = {name: int(summary["outcomes"].sel(outcome=name)) for name in names.OUTCOMES}
    usable = sum(count for name, count in outcomes.items() if name not in names.NO_ANSWER)
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
