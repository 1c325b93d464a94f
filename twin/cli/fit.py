"""`twin fit`: a paper's cells to its measured rows."""

from pathlib import Path
from typing import Annotated

import typer

from twin.cli.options import (
    INTERRUPTED,
    STORAGE_HELP,
    JsonOption,
    OverwriteOption,
    SchedulerOption,
    SeedOption,
    on_cluster,
)
from twin.cli.outputs import check_free, check_writable
from twin.cli.terminal import print_json, print_table, say


def fit(
    cell: Annotated[
        str, typer.Argument(help='A paper, e.g. "Chang2023", the folder of your own rows, or a cell.')
    ],
    trials: Annotated[int, typer.Option(help="Trials of the study in all; it resumes.")] = 500,
    storage: Annotated[
        str | None,
        typer.Option(
            help=f"{STORAGE_HELP}. Default: fits.db here or, of your own folder, beside the fit.",
        ),
    ] = None,
    seed: SeedOption = 0,
    leave_out: Annotated[list[str] | None, typer.Option(help="Row to leave out, e.g. C55.")] = None,
    draws: Annotated[int, typer.Option(help="Effective posterior draws to be reached.")] = 400,
    workers: Annotated[
        int | None, typer.Option(help="Processes that make the runs (default: one for each core).")
    ] = None,
    scheduler: SchedulerOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the fitted set and its draws. Default: here or, of your own folder, "
            "fitted/ in it, where its cells look for them."
        ),
    ] = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
):
    """Fit all cells of a paper, or of your own folder, jointly to its rows, and write the fitted set.

    Shipped parts in your own folder have the posteriors of the shipped fits as priors, wider by the
    spread between equal cells; priors.toml in the folder says which, fits = [] none.

    What was evaluated is kept in the storage, as a study "<paper>: evaluations" beside that of the
    fit: stopped or killed, the same command goes on from there. Trials that were in flight are made
    anew, so that the total is what --trials says, over all commands that share the study.

    Example:  twin fit Chang2023 --trials 500 --out fitted

    Example:  twin fit my_folder
    """
    from twin.fitting.family import check_name, family_of, home_of, name_of, storage_of

    family = family_of(cell)
    check_name(family)
    folder = home_of(family) if out is None else out
    check_writable(folder)
    paper = name_of(family)
    check_free([folder / f"{paper}.toml", folder / f"{paper}_draws.nc"], overwrite)
    storage = storage_of(family, folder) if storage is None else storage
    from twin.fitting.posterior import fit

    try:
        with on_cluster(scheduler):
            posterior = fit(
                family,
                trials=trials,
                storage=storage,
                seed=seed,
                leave_out=leave_out or (),
                draws=draws,
                workers=workers,
            )
    except KeyboardInterrupt:
        from twin.fitting.storages import public

        kept = public(storage)
        say(f"Stopped. What was computed is kept in {kept}; the same command goes on from there.")
        raise typer.Exit(INTERRUPTED) from None
    written = posterior.save(folder)
    answer = _answer(posterior) | {"files": [str(path) for path in written]}
    if as_json:
        print_json(answer)
        return
    _print(posterior, answer)
    say(f"Wrote {', '.join(answer['files'])}")


def _answer(posterior) -> dict:
    """What a fit has to say, for machines."""
    from twin.results.fit_groups import PULLS, traded

    about, found = posterior.groups.attrs, posterior.fit.found
    rows = posterior.groups["leave_one_out"]
    pulling = rows["row"].values[rows["pareto_k"].values > PULLS].tolist()
    return {
        "objective": posterior.fit.objective,
        "trials": posterior.fit.trials,
        "starts": {end.start: end.objective for end in found.descents},
        "optimum_found": found.found,
        "values": posterior.fit.values,
        "intervals": posterior.intervals,
        "informed": dict(
            zip(
                posterior.groups["parameter"].values.tolist(),
                posterior.groups["informed"].values.tolist(),
                strict=True,
            )
        ),
        "effective_draws": about["effective_draws"],
        "largest_rhat": about["largest_rhat"],
        "converged": bool(about["converged"]),
        "doubt": about["doubt"],
        "evaluations": about["evaluations"],
        "pulling_rows": pulling,
        "about_priors": list(posterior.fit.problem.about_priors),
        "traded": [list(pair) for pair in traded(posterior.draws["value"])],
    }


def _print(posterior, answer: dict) -> None:
    """The same, for people."""
    from twin.results.fit_groups import MOST_TOLD
    from twin.results.intervals import NORMAL_END

    priors = {searched.name: searched.prior for searched in posterior.fit.problem.searched}
    rows = []
    for name, value in answer["values"].items():
        low, high = answer["intervals"][name]
        before = [priors[name].from_unit_normal(end) for end in (-NORMAL_END, NORMAL_END)]
        rows.append((
            name,
            f"{before[0]:.3g} to {before[1]:.3g}",
            f"{value:.4g}",
            f"{low:.3g} to {high:.3g}",
            f"{100 * max(answer['informed'][name], 0.0):.0f}",
        ))  # fmt: skip
    title = (
        f"-ln(posterior) {answer['objective']:.4g} after {answer['trials']} trials and "
        f"{answer['evaluations']} evaluations, {answer['effective_draws']:.0f} effective draws, "
        f"R-hat {answer['largest_rhat']:.2f}"
    )
    heads = ("parameter", "prior 5 to 95 %", "value", "5 to 95 %", "told by the rows [%]")
    print_table(title, heads, rows)
    found = posterior.fit.found
    ends = ", ".join(f"{end.objective:.4g} from {end.start}" for end in found.descents)
    say(f"{found.agreed} of {len(found.descents)} descents agree on the optimum: {ends}.")
    if answer["pulling_rows"]:
        pulling = ", ".join(answer["pulling_rows"])
        say(f"Rows that pull (a fit without them tells what they decide): {pulling}.")
    for one, two, correlation in answer["traded"][:MOST_TOLD]:
        say(f"Trade off ({correlation:+.2f}): {one} and {two}.")
    for sentence in answer["about_priors"]:
        say(sentence)
    if answer["doubt"]:
        say(answer["doubt"])
