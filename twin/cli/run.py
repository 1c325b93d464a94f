"""`twin run`: one protocol, once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from twin.cli.options import CellArgument, JsonOption, OverwriteOption, SetOption, chosen_cell
from twin.cli.outputs import check_free, check_writable
from twin.cli.terminal import number, print_json, print_table
from twin.errors import TwinError


class SimulatorName(StrEnum):
    """Simulators, as the command line spells them."""

    LONG_CYCLING = "long_cycling"
    REFERENCE = "reference"


def run(
    cell: CellArgument,
    steps: Annotated[list[str], typer.Argument(help="Steps of one cycle, as PyBaMM writes them.")],
    cycles: Annotated[int, typer.Option(help="How often the steps are repeated.")] = 1,
    simulator: Annotated[SimulatorName, typer.Option()] = SimulatorName.LONG_CYCLING,
    initial_soc: Annotated[
        float | None, typer.Option(help="0 at the lower cut-off's voltage, 1 at the upper one's.")
    ] = None,
    changes: SetOption = None,
    out: Annotated[Path | None, typer.Option(help="netCDF file to write.")] = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
):
    """Run a protocol once, with the fitted values.

    Example:  twin run Chang2023_LiAlO2_LGPS_LCO "Charge at 1C until 4.2 V" "Rest for 1 hour" --cycles 9
    """
    from twin.files import save
    from twin.protocols import Protocol

    chosen = chosen_cell(cell, changes)
    if out is not None:
        check_writable(out.parent)
        check_free([out], overwrite)
    from twin.simulators import simulate

    result = simulate(
        chosen, Protocol(steps, cycles=cycles), simulator=simulator.value, initial_soc=initial_soc
    )
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
        print_json({"cell": chosen.name, "cycles": result.sizes["cycle"]} | scalars | values)
    else:
        rows = [("cycles run", str(result.sizes["cycle"]))]
        rows += [(name.replace("_", " "), number(value)) for name, value in scalars.items()]
        rows += [(f"{name.replace('_', ' ')}, last cycle", number(v)) for name, v in values.items()]
        print_table(chosen.name, ("result", "value"), rows)
    if scalars["outcome"] in ("infeasible", "solver_failure"):
        raise TwinError(scalars["notes"] or f"the run ended as {scalars['outcome']}")
