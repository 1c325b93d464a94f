"""A family: ``simulate(cell, protocol) -> Dataset``. Both members take the same and give the same."""

import warnings

import xarray as xr

from twin.cell import Cell
from twin.errors import ExtrapolationWarning, ProtocolError, suggestion
from twin.protocols import Protocol
from twin.results import beyond_plateau_note

SIMULATORS = ("long_cycling", "reference")


def simulate(
    cell: Cell,
    protocol: Protocol,
    *,
    simulator: str = "long_cycling",
    initial_soc: float | None = None,
    jump: bool = True,
) -> xr.Dataset:
    """Run a protocol on a cell.

    Parameters
    ----------
    cell : Cell
    protocol : Protocol
    simulator : "long_cycling" (default: compiled circuit) or "reference" (stock PyBaMM)
        A step that the fast one does not know falls back to the reference, with a note in the result.
    initial_soc : float, optional
        0 where the open-circuit voltage is the lower cut-off, 1 where it is the upper one. By
        default a run starts charged when its first step discharges, and discharged when it charges.
    jump : bool
        False solves every cycle; by default cycles that change nothing new are jumped over, and
        `computed` says which.

    Returns
    -------
    xarray.Dataset
        Per cycle: capacities [A.h], retention and efficiencies [1], time [h], overpotentials [V],
        `resistance` [Ohm m2] over `mechanism`, states over `interface`. Scalars: `outcome`,
        `short_circuit_onset_cycle`, `short_circuit_onset_time` [h], `lifetime` [h].

    Raises
    ------
    ProtocolError : no such simulator.
    ParameterError : an `initial_soc` outside [0, 1].
    """
    if simulator not in SIMULATORS:
        raise ProtocolError(
            f"'{simulator}' is not a simulator{suggestion(simulator, SIMULATORS)} "
            f"(known: {', '.join(SIMULATORS)})"
        )
    run = _simulate(cell, protocol, simulator, initial_soc, jump)
    note = beyond_plateau_note(cell.name)
    if note in run["notes"].item():
        # Python shows a warning of the same words from the same place once
        warnings.warn(note, ExtrapolationWarning, stacklevel=2)
    return run


def _simulate(cell, protocol, simulator, initial_soc, jump) -> xr.Dataset:
    if simulator == "reference":
        from twin.simulators import reference

        return reference.simulate(cell, protocol, initial_soc=initial_soc)
    from twin.simulators import long_cycling

    try:
        return long_cycling.simulate(cell, protocol, initial_soc=initial_soc, jump=jump)
    except long_cycling.UnknownStepError as step:
        from twin.simulators import reference

        run = reference.simulate(cell, protocol, initial_soc=initial_soc)
        note = f"Run by the reference simulator: the fast one does not know the step '{step}'."
        run["notes"] = run["notes"].copy(data=f"{run['notes'].item()} {note}".strip())
        return run
