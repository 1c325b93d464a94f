"""`twin measurements`: what is understood of files of cyclers."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twin.cli.endings import NOT_DONE
from twin.cli.options import JsonOption, OverwriteOption, PlotOption
from twin.cli.outputs import output_stem
from twin.cli.pictures import drawing, picture_suffixes, save_pictures
from twin.cli.terminal import number, print_json, print_table, say
from twin.errors import TwinError

if TYPE_CHECKING:
    import xarray as xr

MOST_STEPS_SHOWN = 6
"""Steps of a cycle that the table spells out; of pulses there are hundreds."""
MOST_BLOCKS_SHOWN = 4
"""Blocks of equal cycles that the table spells out."""


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
        answers.append(_answer(data))
        if not as_json:
            _print_answer(file, answers[-1])
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


def _answer(data: "xr.Dataset") -> dict:
    """What was understood, for machines."""
    answer = {
        "file": data.attrs["file"],
        "format": data.attrs["format"],
        "columns": json.loads(data.attrs["columns"]),
        "said": json.loads(data.attrs["said"]),
    }
    if "current_sign" in data.attrs:
        answer |= {
            "units": json.loads(data.attrs["units"]),
            "current_sign": data.attrs["current_sign"],
            "configuration": data.attrs["configuration"],
            "points": data.attrs["points"],
            "steps": data.sizes["step"],
            "protocol": _blocks(data),
        }
    if "cycle" in data.dims:
        answer |= {"cycles": data.sizes["cycle"]}
        for name in (
            "charge_capacity",
            "discharge_capacity",
            "coulombic_efficiency",
            "cell_overpotential",
        ):
            if name in data and data.sizes["cycle"]:
                answer |= {
                    f"{name}_{when}": data[name].values[place]
                    for when, place in (("first", 0), ("last", -1))
                }
    else:
        answer |= {"frequencies": data.sizes["frequency"]}
        answer |= {name: data[name].item() for name in ("high_frequency_resistance", "total_resistance")}
    for name in ("short_circuit_onset_cycle", "short_circuit_onset_time", "notes"):
        if name in data:
            answer[name] = data[name].item()
    return answer


def _blocks(data: "xr.Dataset") -> list[dict]:
    """Blocks of equal cycles: their steps, and how many there are."""
    blocks: list[dict] = []
    for steps in json.loads(data.attrs.get("protocol", "[]")):
        if blocks and blocks[-1]["steps"] == steps:
            blocks[-1]["cycles"] += 1
        else:
            blocks.append({"steps": steps, "cycles": 1})
    repeated = int(data.attrs.get("repetitions", 1))
    return [block | {"cycles": block["cycles"] * repeated} for block in blocks]


def _print_answer(file: Path, answer: dict) -> None:
    """The answer for people."""
    from twin.results.phrases import in_a_sentence
    from twin.results.quantities import MEASUREMENTS, RESULTS, SPECTRA

    rows = [("format", answer["format"])]
    units = answer.get("units", {})
    for term, header in answer["columns"].items():
        rows.append((term, f"{header}" + (f" ({units[term]})" if term in units else "")))
    for key, value in answer["said"].items():
        rows.append((key.replace("_", " "), f"{value}, as was said"))
    for key in ("current_sign", "configuration", "points", "cycles", "steps", "frequencies"):
        if key in answer:
            entry = answer[key]
            rows.append((key.replace("_", " "), f"{entry:,}" if isinstance(entry, int) else entry))
    blocks = answer.get("protocol", [])
    for block in blocks[:MOST_BLOCKS_SHOWN]:
        shown = "; ".join(block["steps"][:MOST_STEPS_SHOWN])
        more = len(block["steps"]) - MOST_STEPS_SHOWN
        shown += f"; and {more} steps more" if more > 0 else ""
        count = block["cycles"]
        rows.append((f"protocol of {count:,} cycle{'' if count == 1 else 's'}", shown))
    if len(blocks) > MOST_BLOCKS_SHOWN:
        rows.append(("protocol", f"and {len(blocks) - MOST_BLOCKS_SHOWN} blocks more"))
    known = {**SPECTRA, **MEASUREMENTS, **RESULTS}
    for key, value in answer.items():
        name, _, when = key.rpartition("_")
        if when in ("first", "last") and name in known:
            quantity = known[name]
            unit = f" {quantity.units}" if quantity.units != "1" else ""
            rows.append(
                (f"{in_a_sentence(quantity.long_name)}, {when} cycle", f"{number(float(value))}{unit}")
            )
        elif key in known and key != "notes":
            quantity = known[key]
            none = quantity.never if quantity.never and math.isnan(value) else number(value)
            rows.append((in_a_sentence(quantity.long_name), none))
    print_table(str(file), ("", "understood as"), rows, note=answer.get("notes", ""))
