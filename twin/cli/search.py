"""`twin search`: the best point under constraints on chances."""

import math
from typing import Annotated

import typer

from twin.cli.options import (
    INTERRUPTED,
    STORAGE_HELP,
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
        str | None, typer.Option(help=f"{STORAGE_HELP} (default: SQLite beside the netCDF file).")
    ] = None,
    scheduler: SchedulerOption = None,
    at_once: Annotated[
        int | None,
        typer.Option(
            help="Points that are tried at once, of which none knows of the others: the answer depends "
            "on it. By default one for each core of this machine; on a cluster ask for more."
        ),
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
    from twin.studies.evaluations import at_the_edge, nearest_first
    from twin.studies.search import search

    try:
        with on_cluster(scheduler):
            found = search(
                chosen,
                evaluations=evaluations,
                draws=draws,
                seed=seed,
                storage=storage,
                processes=at_once,
            )
    except KeyboardInterrupt:
        from twin.fitting.storages import public

        where = public(storage)
        say(f"Stopped. Finished evaluations are kept in {where}; the same command goes on from there.")
        raise typer.Exit(INTERRUPTED) from None
    data = found.evaluations
    files = [save(data, with_suffix(stem, NETCDF))]
    if plot:
        files += save_pictures(drawing().study_figures(data), stem)
    if report is not None:
        files.append(save_report(report, data, overwrite=overwrite, cell=chosen.cell))
    nearest = data.isel(evaluation=nearest_first(data)[:1])
    shown = found.front if found.best is not None else nearest
    points = [_answers(shown.isel(evaluation=place)) for place in range(shown.sizes["evaluation"])]
    if as_json:
        about = {"study": chosen.name, "question": chosen.question, "cell": data.attrs["cell"]}
        about |= {"evaluations": data.sizes["evaluation"], "feasible": int(data["feasible"].sum())}
        about |= {"best": found.best, "nearest": found.nearest, "front": points if found.best else []}
        about |= {"fresh_chances": found.fresh, "doubt": data.attrs["doubt"]}
        print_json(about | {"files": [str(path) for path in files]})
    else:
        _print_points(chosen, data, shown, found.best)
        if len(points) > SHOWN_POINTS:
            say(f"{SHOWN_POINTS} of {len(points)} points of the front are shown; the file has all.")
        if found.fresh:
            unseen = f"{data.attrs['draws']} draws that the search has not seen"
            say(f"The best on {unseen}: {_fresh(found)}.")
            for name in at_the_edge(data, found.best or {}):
                say(f"Its {name} lies at the end of the range searched: a better one may lie beyond.")
        if data.attrs["doubt"]:
            say(data.attrs["doubt"])
        say(f"Wrote {', '.join(str(path) for path in files)}")
    if found.best is None:
        raise TwinError(_not_met(data, nearest))


def _fresh(found) -> str:
    """The chances of the best point on fresh draws, in words."""
    return ", ".join(f"{label} {100 * chance:.0f} %" for label, chance in found.fresh.items())


def _answers(evaluation) -> dict:
    """Variables, objectives ([low, what counts, high]) and chances of one evaluation."""
    from twin.results.form import designs, objectives
    from twin.results.quantities import EDGES

    answers = {name: evaluation[name].item() for name in designs(evaluation)}
    for name in objectives(evaluation):
        value = evaluation[name].item()
        low, high = (evaluation[f"{name}_{edge}"].item() for edge in EDGES)
        answers[name] = [low, value, high] if low != high else value
    labels = [str(label) for label in evaluation["constraint"].values]
    chances = evaluation["chance"].values.tolist()
    return answers | {"chances": dict(zip(labels, chances, strict=True))}


def _print_points(study, data, shown, best):
    """The points for people: what was chosen, the objectives with their intervals, the chances."""
    from twin.results.form import designs, objectives
    from twin.results.phrases import number, span
    from twin.results.quantities import EDGES
    from twin.results.readable import readable

    shown = shown.isel(evaluation=slice(SHOWN_POINTS))
    chosen = [readable(shown[name], like=data[name]) for name in designs(shown)]
    goals = [
        [readable(shown[key].assign_attrs(data[name].attrs), like=data[name])
         for key in (f"{name}_{EDGES[0]}", name, f"{name}_{EDGES[1]}")]
        for name in objectives(shown)
    ]  # fmt: skip
    columns = [column.label for column in chosen] + [middle.label for _, middle, _ in goals]
    columns += [str(label).replace("_", " ") for label in shown["constraint"].values]
    rows = [
        [
            *(number(column.values[place]) for column in chosen),
            *(span([edge.values[place] for edge in edges]) for edges in goals),
            *(f"{100 * float(chance):.0f} %" for chance in shown["chance"][place]),
        ]
        for place in range(shown.sizes["evaluation"])
    ]
    kind = "nearest to what was asked" if best is None else "best"
    met = f"{int(data['feasible'].sum())} of {data.sizes['evaluation']} meet every constraint"
    print_table(f"{study.question or study.name} ({kind}; {met})", columns, rows)


def _not_met(data, missed) -> str:
    """What the nearest evaluation misses, and the bounds that it would meet."""
    from twin.results.form import designs
    from twin.results.readable import readable

    columns = [(name, readable(missed[name], like=data[name])) for name in designs(missed)]
    at = ", ".join(f"{name} {column.entry(0)}" for name, column in columns)
    missed = missed.isel(evaluation=0)
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
