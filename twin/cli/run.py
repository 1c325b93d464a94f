"""`twin run`: one protocol, once."""

import math
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from twin import names
from twin.cli import lab_tests
from twin.cli.options import (
    CellArgument,
    JsonOption,
    OverwriteOption,
    ProtocolOption,
    SetOption,
    chosen_cell,
    chosen_protocol,
)
from twin.cli.outputs import check_free, check_writable
from twin.cli.terminal import print_json, print_table
from twin.errors import ProtocolError, TwinError


class SimulatorName(StrEnum):
    """Simulators, as the command line spells them."""

    LONG_CYCLING = "long_cycling"
    REFERENCE = "reference"


def run(
    cell: CellArgument,
    steps: Annotated[
        list[str] | None, typer.Argument(help="Steps of one cycle, as PyBaMM writes them.")
    ] = None,
    named: ProtocolOption = None,
    cycles: Annotated[
        int | None, typer.Option(help="How often the steps are repeated.", show_default="1")
    ] = None,
    simulator: Annotated[SimulatorName, typer.Option()] = SimulatorName.LONG_CYCLING,
    initial_soc: Annotated[
        float | None, typer.Option(help="0 at the lower cut-off's voltage, 1 at the upper one's.")
    ] = None,
    changes: SetOption = None,
    out: Annotated[Path | None, typer.Option(help="netCDF file to write.")] = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
):
    """Run a protocol once, with the fitted values: no draws, no intervals.

    Example:  twin run Chang2023_LiAlO2_LGPS_LCO --cycles 100 \\
        "Charge at 1C until 4.2 V" "Discharge at 1C until 2.6 V"

    Example:  twin run Duan2023_Li_LPSCl_symmetric \\
        --protocol "critical_current_density step=0.1 mA/cm2 time=1 hour"

    Example:  twin run my_cell.toml --protocol my_protocol.toml
    """
    from twin.files import save

    chosen = chosen_cell(cell, changes)
    test = lab_tests.test_of(named)
    protocol = chosen_protocol(chosen, steps, named, cycles)
    if protocol is None:
        raise ProtocolError(
            "a run needs steps, or --protocol with a TOML file or the name of a test; "
            "see twin run --help"
        )
    if out is not None:
        check_writable(out.parent)
        check_free([out], overwrite)
    from twin.simulators import simulate

    result = simulate(chosen, protocol, simulator=simulator.value, initial_soc=initial_soc)
    if out is not None:
        save(result, out)
    scalars = {
        name: result[name].item()
        for name in ("outcome", "short_circuit_onset_cycle", "lifetime", "notes")
    }
    last = result.isel(cycle=-1) if result.sizes["cycle"] else None
    shown = ("capacity_retention", "specific_discharge_capacity", "cell_overpotential", "time")
    values = {name: float(last[name]) for name in shown if last is not None and name in last}
    if as_json:
        print_json(
            {"cell": chosen.name, "fitted": chosen.fitted_set, "cycles": result.sizes["cycle"]}
            | scalars
            | values
            | lab_tests.values(test, result)
        )
    else:
        _print_answer(chosen, result, scalars, values, lab_tests.rows(test, result))
    if scalars["outcome"] in names.NO_ANSWER:
        raise TwinError(scalars["notes"] or f"the run ended as {scalars['outcome']}")


def _print_answer(cell, run, scalars: dict, values: dict, of_test: list[tuple[str, str]]):
    """The answer for people: what happened, and the last cycle."""
    from twin.results.phrases import changes_in_words, in_a_sentence, number
    from twin.results.quantities import RESULTS
    from twin.results.readable import readable

    rows = [
        ("leans on the fit of", cell.fitted_set or "nothing"),
        ("cycles run", str(run.sizes["cycle"])),
        ("worst that happened", scalars["outcome"].replace("_", " ")),
    ]
    for name in ("short_circuit_onset_cycle", "lifetime"):
        came = readable(run[name])
        told = RESULTS[name].never if math.isnan(scalars[name]) else number(scalars[name])
        rows.append((in_a_sentence(came.label), told))
    rows += of_test
    for name in values:
        last = readable(run[name].isel(cycle=-1))
        rows.append((f"{in_a_sentence(last.label)}, last cycle", number(float(last.values))))
    changes = changes_in_words(run.attrs)
    title = f"{cell.name} ({changes})" if changes else cell.name
    print_table(title, ("result", "value"), rows, note=scalars["notes"])
