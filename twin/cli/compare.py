"""`twin compare`: the variants of a paper's cells on its measured rows."""

from pathlib import Path
from typing import Annotated

import typer

from twin.cli.options import (
    INTERRUPTED,
    JsonOption,
    OverwriteOption,
    SchedulerOption,
    SeedOption,
    on_cluster,
)
from twin.cli.outputs import check_free, check_writable
from twin.cli.terminal import number, print_json, print_table, say

COLUMNS = (
    "variant", "elpd", "difference", "objective", "parameters", "effective", "starts agree", "refits",
    "k > 0.7 left", "held out inside", "held out wide",
)  # fmt: skip
"""Heads of the table."""


def compare(
    paper: Annotated[str, typer.Argument(help="A paper, or the folder of your own rows and variants.")],
    variants: Annotated[
        list[str] | None, typer.Option(help="Only this variant beside the shipped one; repeat.")
    ] = None,
    draws: Annotated[int, typer.Option(help="Effective posterior draws of each variant.")] = 100,
    seed: SeedOption = 0,
    trials: Annotated[int, typer.Option(help="Trials of CMA-ES before the descents.")] = 200,
    no_refits: Annotated[
        bool,
        typer.Option("--no-refits", help="Trust importance weights even where Pareto k is high."),
    ] = False,
    workers: Annotated[
        int | None, typer.Option(help="Processes that make the runs (default: one for each core).")
    ] = None,
    scheduler: SchedulerOption = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the file (default: here).")] = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
):
    """Which variant of a paper's cells do its measured rows ask for?

    The variants stand in variants.toml beside the rows. Each is fitted and judged by the rows that it
    has not seen (leave-one-out); the simplest within one standard error of the best wins. The rows
    marked 'validate' are told at the end and decide nothing. Finished variants are kept in a folder
    "<paper>_variants": stopped or killed, the same command goes on from there.

    Example:  twin compare Chang2023
    """
    folder = Path(".") if out is None else out
    check_writable(folder)
    from twin.measured.experiment import read_experiment

    name = read_experiment(paper).name
    path = folder / f"{name}_variants.nc"
    check_free([path], overwrite)
    from twin.comparison import compare
    from twin.files import save

    kept = folder / f"{name}_variants"
    try:
        with on_cluster(scheduler):
            data = compare(
                paper,
                variants=variants or (),
                draws=draws,
                seed=seed,
                trials=trials,
                refits=not no_refits,
                workers=workers,
                kept=kept,
            )
    except KeyboardInterrupt:
        say(f"Stopped. Finished variants are kept in {kept}; the same command goes on from there.")
        raise typer.Exit(INTERRUPTED) from None
    save(data, path)
    if as_json:
        print_json(_answer(data) | {"files": [str(path)]})
        return
    _print(data)
    say(f"Wrote {path}")


def _answer(data) -> dict:
    """The table for machines."""
    return {
        "paper": data.attrs["paper"],
        "chosen": data.attrs["chosen"],
        "variants": [_variant(data.sel(variant=name)) for name in data["variant"].values],
    }


def _variant(own) -> dict:
    """Everything about one variant: numbers, its rows and its held-out rows."""
    said = {name: own[name].item() for name in own.data_vars if not own[name].dims}
    said |= {"variant": own["variant"].item(), "chosen": bool(own["chosen"].item())}
    names: dict[str, tuple[str, ...]] = {"row": ("row_elpd", "pareto_k", "refitted")}
    if "held_out_row" in own.dims:
        names["held_out_row"] = ("measured", "unit", "predicted", "low", "high", "inside", "wide")
    for rows, columns in names.items():
        said[f"{rows}s"] = [
            {"id": row.item()} | {column: own[column].sel({rows: row}).item() for column in columns}
            for row in own[rows]
        ]
    return said


def _print(data) -> None:
    """The whole table, the best first, and the choice."""
    order = data.sortby("difference", ascending=False)
    lines = [_line(order.sel(variant=name)) for name in order["variant"].values]
    note = (
        "elpd: sum over the rows of ln density, each left out in turn; difference to the best with its "
        "standard error; effective: p_loo. Rows held out are told, and decide nothing."
    )
    title = f"{data.attrs['paper']}: variants on {data.sizes['row']} rows"
    print_table(title, COLUMNS, lines, note=note)
    for name in data["variant"].values:
        if doubt := data["doubt"].sel(variant=name).item():
            say(f"{name}: {doubt}")
    say(
        f"Chosen: {data.attrs['chosen']}, the simplest variant within one standard error of the best, "
        f"{order['variant'].values[0]}."
    )


def _line(own) -> tuple[str, ...]:
    held_out = ("-", "-")
    if "held_out_inside" in own:
        compared = own["held_out_compared"].item()
        inside, wide = (own[f"held_out_{word}"].item() for word in ("inside", "wide"))
        held_out = (f"{inside} of {compared}", str(wide))
    mark = " *" if own["chosen"].item() else ""
    return (
        f"{own['variant'].item()}{mark}",
        number(own["elpd"].item()),
        f"{own['difference'].item():.2f} +- {own['standard_error'].item():.2f}",
        number(own["objective"].item()),
        str(own["parameters"].item()),
        f"{own['effective_parameters'].item():.1f}",
        f"{own['starts_agree'].item()} of {own['starts'].item()}",
        str(own["refits"].item()),
        str(own["unreliable"].item()),
        *held_out,
    )
