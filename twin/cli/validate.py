"""`twin validate`: every measured row beside the answer."""

import math
from pathlib import Path
from typing import Annotated

import typer

from twin.cli.options import (
    JsonOption,
    OverwriteOption,
    ReportOption,
    SchedulerOption,
    SeedOption,
    on_cluster,
)
from twin.cli.outputs import check_free, check_report, check_writable
from twin.cli.pictures import drawing, picture_suffixes, save_pictures, save_report
from twin.cli.terminal import number, print_json, print_table, say

TABLE = "validation.csv"
"""Name of the file that holds every row."""


def validate(
    paper: Annotated[str | None, typer.Argument(help="One paper (default: all).")] = None,
    draws: Annotated[int, typer.Option(help="Draws of the fit behind each interval.")] = 100,
    seed: SeedOption = 0,
    leave_out: Annotated[
        list[str] | None, typer.Option(help="Refit without this row first: out of sample.")
    ] = None,
    scheduler: SchedulerOption = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the table (CSV) and the plot.")] = None,
    report: ReportOption = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
):
    """Every measured row beside the twin's answer.

    Example:  twin validate --leave-out C55
    """
    if out is not None:
        check_writable(out)
        pictures = [out / f"{name}{suffix}" for name in _figures() for suffix in picture_suffixes()]
        check_free([out / TABLE, *pictures], overwrite)
    check_report(report, overwrite)
    from twin.validation import validate

    with on_cluster(scheduler):
        table = validate(paper, draws=draws, seed=seed, leave_out=leave_out or ())
    if as_json:
        print_json(table.to_dict("records"))
    else:
        _print_validation(table)
    if out is not None:
        from twin.files import write_whole

        write_whole(out / TABLE, lambda beside: table.to_csv(beside, index=False))
        for name, draw in _figures().items():
            save_pictures({"": draw(table)}, out / name)
    if report is not None:
        save_report(report, table, overwrite=overwrite)


def _figures():
    """Name of a picture's files -> what draws it."""
    plots = drawing()
    return {
        "validation": plots.validation_figure,
        "predicted_against_measured": plots.predicted_against_measured,
    }


def _print_validation(table):
    """One table a paper, then how many of its rows lie inside their interval, by role."""
    columns = ("row", "role", "observable", "at", "measured", "predicted", "5 to 95 %", "inside")
    for paper, rows in table.groupby("paper"):
        print_table(
            f"{paper}: measured and predicted", columns, [_line(row) for row in rows.itertuples()]
        )
        say(f"{paper}: {_count_inside(rows)}")
    if table["paper"].nunique() > 1:
        say(f"all papers: {_count_inside(table)}")


def _line(row):
    return (
        row.id,
        row.role + (" (left out)" if row.left_out else ""),
        row.observable,
        row.at,
        f"{number(row.measured)} {row.unit}",
        number(row.predicted),
        "" if row.low is None or math.isnan(row.low) else f"{row.low:.4g} to {row.high:.4g}",
        {True: "yes", False: "NO"}.get(row.inside, ""),
    )


def _count_inside(rows) -> str:
    compared = rows[rows["inside"].notna()]
    return ", ".join(
        f"{int(own['inside'].astype(bool).sum())} of {len(own)} rows marked {role} inside"
        for role, own in compared.groupby("role")
    )
