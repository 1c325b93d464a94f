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
    SchedulerOption,
    SetOption,
    StudyArgument,
    StudyCycles,
    StudyDraws,
    StudySeed,
    asked_otherwise,
    on_cluster,
)
from twin.cli.outputs import NETCDF, check_report, output_stem, with_suffix
from twin.cli.pictures import drawing, save_pictures, save_report, study_suffixes
from twin.cli.terminal import print_json, print_table, say
from twin.errors import TwinError

SHOWN_POINTS = 24
"""Rows of the printed table; the netCDF file and --json have every point."""
SHOWN = {
    "capacity_retention": "retention",
    "difference_capacity_retention": "retention against baseline",
    "cell_overpotential": "overpotential",
    "energy_delivered": "energy delivered",
    "short_circuit_onset_cycle": "first cycle with a short",
    "lifetime": "time of the first failure",
}
"""Results that the printed table has, in short words; the netCDF file and --json have every one."""
YesOption = Annotated[bool, typer.Option("--yes", help="Start even where it will take hours.")]


def what_if(
    study: StudyArgument,
    cycles: StudyCycles = None,
    draws: StudyDraws = None,
    seed: StudySeed = None,
    changes: SetOption = None,
    scheduler: SchedulerOption = None,
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
    from twin.studies import beyond
    from twin.studies.summary import summarise_study
    from twin.studies.what_if import LONGEST_HOURS, what_if

    try:
        with on_cluster(scheduler):
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
            "doubt": data.attrs["doubt"],
            "notes": data.attrs["notes"],
        }
        print_json(about | {"points": points, "files": [str(path) for path in files]})
    else:
        _print_points(chosen, data, summary)
        for said in filter(None, (beyond.in_words(data), data.attrs["notes"], data.attrs["doubt"])):
            say(said)
        say(f"Wrote {', '.join(str(path) for path in files)}")
    if not any(point["usable_draws"] for point in points):
        raise TwinError(
            "no draw of any point gave an answer: no cell of this study can run its protocol"
        )


def _flat(summary):
    """The summary with its points one after the other, (at, ...)."""
    dims = [str(name) for name in summary["usable_draws"].dims]
    return summary.stack(at=dims) if dims else summary.expand_dims("at")


def _axes(summary) -> list[str]:
    """What tells one point from another."""
    return [str(name) for name in summary["usable_draws"].coords]


def _points(summary) -> list[dict]:
    """Each point of the study with its answers: [low, median, high] or a number."""
    flat, axes = _flat(summary), _axes(summary)
    points = []
    for place in range(flat.sizes["at"]):
        point = flat.isel(at=place)
        answers = {name: point[name].item() for name in axes}
        for key, values in point.data_vars.items():
            if "quantile" in values.dims:
                answers[str(key)] = [float(value) for value in values]
        answers["short_circuit_probability"] = float(point["short_circuit_probability"])
        answers["usable_draws"] = int(point["usable_draws"])
        answers |= {name: point[name].item() for name in ("outside", "model_error") if name in point}
        answers["outcomes"] = {
            str(name): int(count)
            for name, count in zip(point["outcome"].values, point["outcomes"].values, strict=True)
            if count
        }
        points.append(answers)
    return points


def _print_points(study, data, summary):
    """The points for people: median and 5 to 95 % of what tells them apart, the chance of a short."""
    from twin.results.intervals import CHANCE, interval
    from twin.results.phrases import chance_in_words, span
    from twin.results.readable import heading, readable

    flat = _flat(summary.assign({CHANCE: interval(data, CHANCE)}))
    axes = [readable(flat[name]) for name in _axes(summary)]
    told = {name: readable(flat[name].transpose("at", "quantile")) for name in SHOWN if name in flat}
    chances = flat[CHANCE].transpose("at", "quantile").values
    columns = [axis.name for axis in axes]
    columns += [f"{SHOWN[name]} / {shown.unit}".removesuffix(" / ") for name, shown in told.items()]
    columns += ["chance of a short", "usable draws"]
    every = math.ceil(flat.sizes["at"] / SHOWN_POINTS)
    rows = [
        [
            *(axis.entry(place) for axis in axes),
            *(span(shown.values[place]) for shown in told.values()),
            chance_in_words(chances[place]),
            str(int(flat["usable_draws"][place])),
        ]
        for place in range(0, flat.sizes["at"], every)
    ]
    print_table(
        f"{study.question or study.name} ({heading(data)})",
        columns,
        rows,
        note="Medians, 5 to 95 % of the draws in brackets; a chance has Jeffreys' interval. A cell that "
        "died before the last cycle delivers nothing in it.",
    )
    if every > 1:
        say(f"{len(rows)} of {flat.sizes['at']} points are shown; the file has all.")
