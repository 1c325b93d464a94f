"""`twin measurements`: what is understood of files of cyclers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twin.cli.endings import NOT_DONE
from twin.cli.options import JsonOption, OverwriteOption, PlotOption
from twin.cli.outputs import output_stem
from twin.cli.pictures import drawing, picture_suffixes, save_pictures
from twin.cli.terminal import print_json, print_table, say
from twin.errors import TwinError

if TYPE_CHECKING:
    import xarray as xr


def measurements(
    files: Annotated[
        list[Path], typer.Argument(help="Files of cyclers: series, cycle tables, spectra.")
    ],
    cell: Annotated[
        str | None, typer.Option(help="The cell that was measured: a shipped one, or its TOML file.")
    ] = None,
    current: Annotated[
        str | None,
        typer.Option(help='What a positive current does: "positive charges" or "positive discharges".'),
    ] = None,
    time_unit: Annotated[str | None, typer.Option(help="Of a time without a unit: s, h.")] = None,
    current_unit: Annotated[str | None, typer.Option(help="Of a current without a unit: mA.")] = None,
    voltage_unit: Annotated[str | None, typer.Option(help="Of a voltage without a unit: V.")] = None,
    capacity_unit: Annotated[str | None, typer.Option(help="Of a capacity without a unit: mAh.")] = None,
    impedance_unit: Annotated[
        str | None, typer.Option(help="Of an impedance without a unit: Ohm.")
    ] = None,
    active_mass: Annotated[str | None, typer.Option(help='"12.3 mg": for a capacity by mass.')] = None,
    area: Annotated[str | None, typer.Option(help='"0.785 cm2": for a quantity by area.')] = None,
    channel: Annotated[str | None, typer.Option(help="Of a file with several.")] = None,
    plot: PlotOption = False,
    out: Annotated[Path | None, typer.Option(help="Folder for the pictures; by default here.")] = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
):
    """Show what is understood of files of cyclers: form, units, sign, cycles, steps, protocol, short.

    Example:  twin measurements cell_07.bdf.csv --cell Chang2023_LiAlO2_LGPS_LCO --plot

    Example:  twin measurements export.csv --current-unit mA --time-unit s
    """
    from twin.measured.cycler.conventions import Conventions
    from twin.measured.cycler.reading import read_file
    from twin.parameter_sets import load_cell
    from twin.results.understood import rows_of, understood

    conventions = Conventions(
        current=current,
        time_unit=time_unit,
        current_unit=current_unit,
        voltage_unit=voltage_unit,
        capacity_unit=capacity_unit,
        impedance_unit=impedance_unit,
        active_mass=active_mass,
        area=area,
        channel=channel,
    )
    own = load_cell(cell, fitted=False) if cell is not None else None
    stems = {}
    if plot:
        for file in dict.fromkeys(files):
            name = f"{file.name.removesuffix(file.suffix)}_measurements"
            stems[file] = output_stem(out, name, picture_suffixes(), overwrite=overwrite)
    answers, failed = [], False
    for file in files:
        try:
            data = read_file(file, conventions, own)
        except TwinError as error:
            say(f"twin: {error}")
            failed = True
            continue
        answers.append(understood(data))
        if not as_json:
            notes = answers[-1].get("notes", "")
            print_table(str(file), ("", "understood as"), rows_of(answers[-1]), note=notes)
        if plot:
            _draw(data, stems[file])
    if as_json:
        print_json(answers)
    if failed:
        raise typer.Exit(NOT_DONE)


def _draw(data: "xr.Dataset", stem: Path) -> None:
    plots = drawing()
    if "frequency" in data.dims:
        drawn = plots.nyquist(data.expand_dims(cycle=[0]))
    else:
        drawn = plots.measurements(data)
    for path in save_pictures({"": drawn}, stem):
        say(f"wrote {path}")
