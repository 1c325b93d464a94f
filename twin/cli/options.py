"""Options that several commands share, and what they mean."""

import dataclasses
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated

import typer

from twin.errors import ParameterError, ProtocolError, shown

INTERRUPTED = 130
"""Exit status after Ctrl-C."""
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
SeedOption = Annotated[int, typer.Option(help="Seed of every random draw.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help=r'Change a parameter: --set "Coating thickness \[m]=100e-9".'),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        help="Folder for the files, or the netCDF file (.nc) itself; "
        "by default here, under the next free name."
    ),
]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")]
ReportOption = Annotated[
    Path | None, typer.Option(help="HTML file of a report: answer, pictures, sources; opens offline.")
]
PlotOption = Annotated[bool, typer.Option("--plot", help="Save the pictures too (PNG, SVG).")]
SchedulerOption = Annotated[
    str | None,
    typer.Option(help="Run on the workers of this Dask scheduler: tcp://head-node:8786."),
]
STORAGE_HELP = (
    "Where trials are kept, an Optuna storage URL: sqlite:///fits.db, a file for one command at a time; "
    "for several commands that share the work journal:///fits.log, a file, or postgresql://host/fits"
)
StudyArgument = Annotated[
    str, typer.Argument(help="A shipped study, or the path of your own TOML file.")
]
StudyCycles = Annotated[int | None, typer.Option("--cycles", help="Instead of the study's.")]
StudyDraws = Annotated[int | None, typer.Option("--draws", help="Instead of the study's.")]
StudySeed = Annotated[int | None, typer.Option("--seed", help="Instead of the study's.")]
ProtocolOption = Annotated[
    str | None,
    typer.Option(
        "--protocol",
        help="Instead of steps: a TOML file, or a test by name (critical_current_density, "
        "one_way_plating, rate_test, check_ups, calendar_ageing, gitt, hppc) with its options: "
        '"rate_test rates=0.1,0.5,1".',
    ),
]
CellArgument = Annotated[str, typer.Argument(help="A shipped cell, or the path of your own TOML file.")]


def on_cluster(scheduler: str | None) -> AbstractContextManager:
    """Inside it, work goes to the workers of `--scheduler`; without one, nothing changes."""
    from twin.dask_cluster import cluster

    return nullcontext() if scheduler is None else cluster(scheduler)


def chosen_cell(name: str, changes: list[str] | None):
    """The cell of that name with the changes of `--set`."""
    from twin.parameter_sets import load_cell

    return changed_cell(load_cell(name), changes)


def chosen_protocol(cell, steps: list[str] | None, named: str | None, cycles: int | None):
    """The protocol of steps or of `--protocol`; None where neither is given.

    Raises ProtocolError: both, cycles beside `--protocol`, which says itself how often it is run.
    """
    from twin.protocols import Protocol

    if named is None:
        return Protocol(steps, cycles=1 if cycles is None else cycles) if steps else None
    if steps:
        raise ProtocolError(f"--protocol stands instead of steps; leave out {steps[0]!r} or --protocol")
    if cycles is not None:
        raise ProtocolError(
            "--protocol says itself how often it is run; leave out --cycles (in a file: cycles = 10)"
        )
    from twin.protocols.named import named_protocol

    return named_protocol(named, cell)


def asked_otherwise(study, changes: list[str] | None, cycles: int | None):
    """The study with the changes of `--set` in its cell, and with other cycles, where they are given."""
    asked = {"cell": changed_cell(study.cell, changes)}
    if cycles is not None:
        asked["cycles"] = cycles
    return dataclasses.replace(study, **asked)


def changed_cell(cell, changes: list[str] | None):
    """The cell with the changes of `--set`."""
    for change in changes or ():
        key, separator, number = change.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            separator = ""
        if not separator:
            raise ParameterError(f'--set takes "parameter=number", not {shown(change)}')
        cell = cell.replace({key.strip(): value})
    return cell
