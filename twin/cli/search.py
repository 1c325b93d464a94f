"""`twin search`: the best point under constraints on chances."""

import math
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
from twin.cli.terminal import interval, print_json, print_table, say
from twin.errors import TwinError

SHOWN_POINTS = 12
"""Rows of the printed front; the netCDF file and --json have every point."""


def search(
    study: StudyArgument,
    evaluations: Annotated[
        int | None, typer.Option(help="In all, over every session; instead of the study's.")
    ] = None,
    cycles: StudyCycles = None,
    draws: StudyDraws = None,
    seed: StudySeed = None,
    changes: SetOption = None,
    storage: Annotated[
        str | None, typer.Option(help="Optuna storage URL (default: SQLite beside the netCDF file).")
    ] = None,
    out: OutOption = None,
    plot: PlotOption = False,
    report: ReportOption = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
):
    """Search for the best protocol and design of a study, under its constraints on chances.

    A search that is stopped goes on where it was: finished evaluations are kept.

    Example:  twin search Chang2023/fastest_charge --evaluations 40 --draws 20
    """
    from twin.studies.study_file import load_search

    chosen = load_search(study)
    suffixes = (NETCDF, *(study_suffixes() if plot else ()))
    stem = output_stem(out, chosen.name, suffixes, overwrite=overwrite)
    check_report(report, overwrite)
    chosen = asked_otherwise(chosen, changes, cycles)
    if storage is None:
        storage = f"sqlite:///{stem.with_name(f'{chosen.name}.db')}"
    from twin.files import save
    from twin.studies.evaluations import at_the_edge
    from twin.studies.search import search

    try:
        found = search(chosen, evaluations=evaluations, draws=draws, seed=seed, storage=storage)
    except KeyboardInterrupt:
        say(f"Stopped. Finished evaluations are kept in {storage}; the same command goes on from there.")
        raise typer.Exit(INTERRUPTED) from None
    data = found.evaluations
    files = [save(data, with_suffix(stem, NETCDF))]
    if plot:
        files += save_pictures(drawing().study_figures(data), stem)
    if report is not None:
        files.append(save_report(report, data, overwrite=overwrite, cell=chosen.cell))
    shown = found.front if found.best is not None else _nearest(data, found.nearest)
    points = [_answers(shown.isel(evaluation=place)) for place in range(shown.sizes["evaluation"])]
    if as_json:
        about = {"study": chosen.name, "question": chosen.question, "cell": data.attrs["cell"]}
        about |= {"evaluations": data.sizes["evaluation"], "feasible": int(data["feasible"].sum())}
        about |= {"best": found.best, "nearest": found.nearest, "front": points if found.best else []}
        about["fresh_chances"] = found.fresh
        print_json(about | {"files": [str(path) for path in files]})
    else:
        _print_points(chosen, data, points, found.best)
        if found.fresh:
            unseen = f"{data.attrs['draws']} draws that the search has not seen"
            say(f"The best on {unseen}: {_fresh(found)}.")
            for name in at_the_edge(data, found.best or {}):
                say(f"Its {name} lies at the end of the range searched: a better one may lie beyond.")
        say(f"Wrote {', '.join(str(path) for path in files)}")
    if found.best is None:
        raise TwinError(_not_met(data, found.nearest))


def _fresh(found) -> str:
    """The chances of the best point on fresh draws, in words."""
    return ", ".join(f"{label} {100 * chance:.0f} %" for label, chance in found.fresh.items())


def _nearest(data, nearest):
    """The evaluation at the nearest point."""
    name, value = next(iter(nearest.items()))
    return data.isel(evaluation=[int(abs(data[name].values - value).argmin())])


def _answers(evaluation) -> dict:
    """Variables, objectives ([low, what counts, high]) and chances of one evaluation."""
    from twin.results.quantities import SEARCHES

    plain = {
        str(name): evaluation[name].item()
        for name in evaluation.data_vars
        if evaluation[name].ndim == 0 and name not in SEARCHES
    }
    answers = {}
    for name, value in plain.items():
        if name.endswith(("_low", "_high")) and name.rpartition("_")[0] in plain:
            continue
        spread = f"{name}_low" in plain and plain[f"{name}_low"] != plain[f"{name}_high"]
        answers[name] = [plain[f"{name}_low"], value, plain[f"{name}_high"]] if spread else value
    labels = [str(label) for label in evaluation["constraint"].values]
    chances = evaluation["chance"].values.tolist()
    return answers | {"chances": dict(zip(labels, chances, strict=True))}


def _print_points(study, data, points: list[dict], best):
    names = [name for name in points[0] if name != "chances"]
    columns = [f"{name.replace('_', ' ')} / {data[name].attrs['units']}" for name in names]
    columns += [label.replace("_", " ") for label in points[0]["chances"]]
    rows = [
        [interval(point[name]) for name in names]
        + [f"{100 * chance:.0f} %" for chance in point["chances"].values()]
        for point in points[:SHOWN_POINTS]
    ]
    kind = "nearest to what was asked" if best is None else "best"
    met = f"{int(data['feasible'].sum())} of {data.sizes['evaluation']} meet every constraint"
    print_table(f"{study.question or study.name} ({kind}; {met})", columns, rows)
    if len(points) > SHOWN_POINTS:
        say(f"{SHOWN_POINTS} of {len(points)} points of the front are shown; the file has all.")


def _not_met(data, nearest) -> str:
    at = ", ".join(f"{name} {value:.4g} {data[name].attrs['units']}" for name, value in nearest.items())
    missed = _nearest(data, nearest).isel(evaluation=0)
    unmet = [
        f"{label} is {100 * float(own['chance']):.0f} %"
        + (
            ""
            if math.isnan(own["reached"])
            else f" (a bound of {float(own['reached']):.4g} would be met)"
        )
        for label in missed["constraint"].values
        if (own := missed.sel(constraint=label))["excess"] > 0
    ]
    return (
        f"no point of {data.sizes['evaluation']} meets every constraint; the nearest, {at}: "
        f"{'; '.join(unmet) or 'gave no answer'}"
    )
