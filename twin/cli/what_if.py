"""`twin what-if`: a study's points, on common draws."""

import math
from pathlib import Path
from typing import Annotated

import typer

from twin.cli.options import (
    INTERRUPTED,
    JsonOption,
    OutOption,
    OverwriteOption,
    PlotOption,
    ReportOption,
    SetOption,
    StudyArgument,
    StudyCycles,
    StudyDraws,
    StudySeed,
    asked_otherwise,
)
from twin.cli.outputs import NETCDF, check_report, output_stem, with_suffix
from twin.cli.pictures import drawing, save_pictures, save_report, study_suffixes
from twin.cli.terminal import interval, number, print_json, print_table, say
from twin.errors import TwinError

SHOWN_POINTS = 24
"""Rows of the printed table; the netCDF file and --json have every point."""
SHOWN = {
    "capacity_retention": "retention",
    "difference_capacity_retention": "against baseline",
    "cell_overpotential": "overpotential / V",
    "energy_delivered": "energy delivered / W.h",
    "short_circuit_onset_cycle": "onset cycle",
    "lifetime": "lifetime / h",
}
YesOption = Annotated[bool, typer.Option("--yes", help="Start even where it will take hours.")]


def what_if(
    study: StudyArgument,
    cycles: StudyCycles = None,
    draws: StudyDraws = None,
    seed: StudySeed = None,
    changes: SetOption = None,
    out: OutOption = None,
    storage: Annotated[
        Path | None,
        typer.Option(help="Folder that keeps finished points (default: beside the netCDF file)."),
    ] = None,
    plot: PlotOption = False,
    report: ReportOption = None,
    overwrite: OverwriteOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
):
    """Run a study: what if the cell or the protocol were otherwise, at every point, on the same draws.

    A study that is stopped goes on where it was: finished points are kept.

    Example:  twin what-if Chang2023/thickness_current --draws 5
    """
    from twin.studies.study_file import load_what_if

    chosen = load_what_if(study)
    suffixes = (NETCDF, *(study_suffixes() if plot else ()))
    stem = output_stem(out, chosen.name, suffixes, overwrite=overwrite)
    check_report(report, overwrite)
    chosen = asked_otherwise(chosen, changes, cycles)
    storage = stem.with_name(f"{chosen.name}_points") if storage is None else storage
    from twin.files import save
    from twin.studies.summary import summarise_study
    from twin.studies.what_if import LONGEST_HOURS, what_if

    try:
        data = what_if(
            chosen,
            draws=draws,
            seed=seed,
            storage=storage,
            longest_hours=math.inf if yes else LONGEST_HOURS,
        )
    except KeyboardInterrupt:
        say(f"Stopped. Finished points are kept in {storage}; the same command goes on from there.")
        raise typer.Exit(INTERRUPTED) from None
    summary = summarise_study(data)
    files = [save(data, with_suffix(stem, NETCDF))]
    if plot:
        files += save_pictures(drawing().study_figures(data), stem)
    if report is not None:
        files.append(save_report(report, data, overwrite=overwrite, cell=chosen.cell))
    points = _points(summary)
    if as_json:
        about = {"study": chosen.name, "question": chosen.question, "cell": data.attrs["cell"]}
        about |= {
            "cycles": data.attrs["cycles"],
            "draws": data.sizes["draw"],
            "seed": data.attrs["seed"],
        }
        print_json(about | {"points": points, "files": [str(path) for path in files]})
    else:
        _print_points(chosen, data, points)
        say(f"Wrote {', '.join(str(path) for path in files)}")
    if not any(point["usable_draws"] for point in points):
        raise TwinError(
            "no draw of any point gave an answer: no cell of this study can run its protocol"
        )


def _points(summary) -> list[dict]:
    """Each point of the study with its answers: [low, median, high] or a number."""
    dims = [str(name) for name in summary["usable_draws"].dims]
    flat = summary.stack(at=dims) if dims else summary.expand_dims("at")
    points = []
    for place in range(flat.sizes["at"]):
        point = flat.isel(at=place)
        axes = [str(name) for name in summary["usable_draws"].coords]
        answers = {name: point[name].item() for name in axes}
        for key, values in point.data_vars.items():
            if "quantile" in values.dims:
                answers[str(key)] = [float(value) for value in values]
        answers["short_circuit_probability"] = float(point["short_circuit_probability"])
        answers["usable_draws"] = int(point["usable_draws"])
        answers["outcomes"] = {
            str(name): int(count)
            for name, count in zip(point["outcome"].values, point["outcomes"].values, strict=True)
            if count
        }
        points.append(answers)
    return points


def _print_points(study, data, points: list[dict]):
    axes = [str(name) for name in data["short_circuit"].coords if name != "draw"]
    shown = [name for name in SHOWN if name in points[0]]
    columns = [f"{name} / {data[name].attrs['units']}" if data[name].attrs else name for name in axes]
    columns += [SHOWN[name] for name in shown] + ["chance of a short", "usable draws"]
    every = math.ceil(len(points) / SHOWN_POINTS)
    rows = []
    for point in points[::every]:
        row = [number(point[name]) for name in axes]
        row += [interval(point[name]) if _known(point[name]) else "-" for name in shown]
        chance = point["short_circuit_probability"]
        row += ["-" if math.isnan(chance) else f"{100 * chance:.0f} %", str(point["usable_draws"])]
        rows.append(row)
    title = study.question or study.name
    print_table(f"{title} ({data.attrs['cell']}, {data.sizes['draw']} draws)", columns, rows)
    if every > 1:
        say(f"{len(rows)} of {len(points)} points are shown; the file has all.")


def _known(values: list[float]) -> bool:
    return not any(math.isnan(value) for value in values)
