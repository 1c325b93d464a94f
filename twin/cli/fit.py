"""`twin fit`: a paper's cells to its measured rows."""

from pathlib import Path
from typing import Annotated

import typer

from twin.cli.options import INTERRUPTED, JsonOption, OverwriteOption, SeedOption
from twin.cli.outputs import check_free, check_writable
from twin.cli.terminal import print_json, print_table, say


def fit(
    cell: Annotated[str, typer.Argument(help='A cell or a paper, e.g. "Chang2023".')],
    trials: Annotated[int, typer.Option(help="Trials of the study in all; it resumes.")] = 500,
    storage: Annotated[str, typer.Option(help="Optuna storage URL.")] = "sqlite:///fits.db",
    seed: SeedOption = 0,
    leave_out: Annotated[list[str] | None, typer.Option(help="Row to leave out, e.g. C55.")] = None,
    draws: Annotated[int, typer.Option(help="Effective posterior draws to be reached.")] = 400,
    workers: Annotated[
        int | None, typer.Option(help="Processes that make the runs (default: one for each core).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the fitted set and its draws (default: here).")
    ] = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
):
    """Fit all cells of a paper jointly to its measured rows, and write the fitted set.

    Example:  twin fit Chang2023 --trials 500 --out fitted
    """
    folder = Path(".") if out is None else out
    check_writable(folder)
    from twin.fitting.draws import family_of
    from twin.fitting.posterior import fit

    paper = family_of(cell)
    check_free([folder / f"{paper}.toml", folder / f"{paper}_draws.nc"], overwrite)
    try:
        posterior = fit(
            cell,
            trials=trials,
            storage=storage,
            seed=seed,
            leave_out=leave_out or (),
            draws=draws,
            workers=workers,
        )
    except KeyboardInterrupt:
        say(f"Stopped. What was computed is kept in {storage}; the same command goes on from there.")
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
    quality = posterior.draws.attrs
    title = (
        f"-ln(posterior) {posterior.fit.objective:.4g} after {posterior.fit.trials} trials, "
        f"{quality['effective_draws']:.0f} effective draws, R-hat {quality['largest_rhat']:.2f}"
    )
    print_table(title, ("parameter", "value", "5 to 95 %"), rows)
    say(f"Wrote {', '.join(str(path) for path in written)}")
