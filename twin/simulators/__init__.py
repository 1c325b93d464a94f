"""A family: ``simulate(cell, protocol) -> Dataset``. Both members take the same and give the same."""

import dataclasses
import functools
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence

import xarray as xr

from twin import parallel
from twin.arguments import checked_count, checked_kind, checked_number, checked_several
from twin.cell import Cell
from twin.errors import ArgumentError, ExtrapolationWarning, ProtocolError, shown, unknown
from twin.protocols import Protocol
from twin.results.dataset import Results, dataset, results, stacked
from twin.results.earlier import earlier_of
from twin.results.kinds import END_OF_LIFE
from twin.results.outcome import beyond_plateau_note
from twin.results.record import Record
from twin.results.validity import beyond_laws
from twin.simulators.start import TOLERANCE, TOLERANCES

MOST_CYCLES_TOGETHER = 20_000_000
"""Most cycles of all runs of a Dataset together: some forty numbers each, so that it takes 6 GB."""
LARGEST_END_OF_LIFE = 0.999
"""Largest share of its first capacity at which a cell counts as spent: at 1 it would be so when new."""
THREADS = 2
"""Threads that share runs: C takes about half of a run's time, and all of them take turns in Python."""
MOST_RUNS_IN_THREADS = 400
"""Runs that threads share. Starting worker processes takes a second, in which two threads run some two
hundred runs of 800 cycles; four workers have made up for it after about as many as this."""
SIMULATORS = ("long_cycling", "reference")


def simulate(
    cell: Cell,
    protocol: Protocol,
    *,
    simulator: str = "long_cycling",
    initial_soc: float | None = None,
    initial_state: xr.Dataset | None = None,
    reference_cycle: int | None = None,
    end_of_life: float = END_OF_LIFE,
    jump: bool | None = None,
    tolerance: float | None = None,
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
    initial_state : xarray.Dataset, optional
        A run, as this function gives or :func:`twin.load` reads it: the cell goes on from its end, where
        the protocol, the temperature, the pressure or any other parameter may be another one. Cycles and
        times count from the very start, and `capacity_retention` refers to the first cycle of its kind
        there.
    reference_cycle : int, optional
        Counted from 1: the cycle that `capacity_retention` refers to. By default each cycle refers to
        the first of its own `kind`, so that check-ups are compared with the first check-up.
    end_of_life : float
        Share of the charge that a cycle is to deliver (the nominal capacity, where it is discharged to
        a voltage) below which the cell counts as spent.
    jump : bool, optional
        False solves every cycle; by default cycles that change nothing new are jumped over, and
        `computed` says which. The reference always solves every cycle, and takes no such word.
    tolerance : float, optional
        Relative, 1e-3 by default: of what a jump adds to a state, and of an integration step.
        Capacities of the shipped cells are an order of magnitude better than that. The reference has
        its own, and takes none.

    Returns
    -------
    xarray.Dataset
        Per cycle: capacities [A.h], retention and efficiencies [1], time [h], overpotentials [V],
        `resistance` [Ohm m2] over `mechanism`, states over `interface`, `kind`. Scalars: `outcome`,
        `short_circuit_onset_cycle`, `short_circuit_onset_time` [h], `end_of_life_cycle`, `lifetime` [h].

    Raises
    ------
    ArgumentError : no Cell or no Protocol; a number outside its range, or one that the reference does
        not take; a run that cannot be gone on from.
    ProtocolError : no such simulator, or no such reference cycle.
    DatasetError : an initial state that is no run. CellError : one of another structure of cell.
    """
    _check_task((cell, protocol))
    if not isinstance(simulator, str) or simulator not in SIMULATORS:
        raise ProtocolError(unknown(simulator, SIMULATORS, "a simulator"))
    if simulator == "reference" and not (jump is None and tolerance is None):
        raise ArgumentError(
            "the reference solves every cycle, to a tolerance of its own: leave out jump and tolerance"
        )
    end_of_life = checked_number("end_of_life", end_of_life, least=0, most=LARGEST_END_OF_LIFE)
    if reference_cycle is not None:
        reference_cycle = checked_count("reference_cycle", reference_cycle)
    jump, tolerance = jump is not False, TOLERANCE if tolerance is None else tolerance
    _check_tolerance(tolerance)
    if initial_state is not None and initial_soc is not None:
        raise ArgumentError(
            "initial_state says how a run begins, its state of charge included: leave out initial_soc"
        )
    earlier = None if initial_state is None else earlier_of(initial_state)
    record, name = _record(cell, protocol, simulator, initial_soc, earlier, jump, tolerance)
    run = dataset(
        record,
        cell,
        protocol,
        name,
        end_of_life=end_of_life,
        reference_cycle=reference_cycle,
        earlier=earlier,
    )
    _warn_of_extrapolation([(cell, protocol)], [run["notes"].item()])
    return run


def simulate_many(
    tasks: Iterable[tuple[Cell, Protocol]],
    *,
    jump: bool = True,
    tolerance: float = TOLERANCE,
    processes: int | None = None,
    progress: Callable[[int], object] = lambda finished: None,
) -> xr.Dataset:
    """Run many cells of one structure, e.g. draws of one cell, each through its protocol.

    Parameters
    ----------
    tasks : iterable of (Cell, Protocol)
    jump, tolerance : as in :func:`simulate`
    processes : int, optional
        Worker processes, which are kept for the next call. By default one for each core; up to
        :data:`MOST_RUNS_IN_THREADS` runs go over threads of this process, where C solves them.
    progress : callable
        Told how many runs have finished since it was called last.

    Returns
    -------
    xarray.Dataset
        What :func:`simulate` gives, over (run, cycle), without `computed`; the cycles are those of the
        longest protocol, and values after a run's end are NaN.

    Raises
    ------
    ArgumentError : tasks that are none; processes or a tolerance that are no such number; too many
        cycles.
    ProtocolError : no tasks, or cells of more than one structure.
    """
    tasks = checked_several("tasks", tasks)
    for task in tasks:
        _check_task(task)
    check_size(len(tasks), max((protocol.number_of_cycles for _, protocol in tasks), default=0))
    _check_tolerance(tolerance)
    if len({cell.structure for cell, _ in tasks}) != 1:
        raise ProtocolError(
            "simulate_many needs one or more cells of one structure: all symmetric or all full cells, "
            "with as many separator layers, one open-circuit voltage and the same laws"
        )
    several = functools.partial(results_of, jump=jump, tolerance=tolerance)
    found: list[Results] = []
    for part in _in_parts(several, tasks, processes):
        found += part
        progress(len(part))
    cells, protocols = zip(*tasks, strict=True)
    run = stacked(found, cells, protocols, SIMULATORS[0])
    _warn_of_extrapolation(tasks, run["notes"].values)
    return run


def _in_parts(run: Callable, tasks: list, processes: int | None) -> Iterator[list[Results]]:
    """What `run` gives of consecutive parts of the tasks, over threads or processes."""
    from twin.simulators import long_cycling

    here = processes is None and not parallel.on_cluster() and len(tasks) <= MOST_RUNS_IN_THREADS
    if here and long_cycling.in_c(tasks):
        parts = parallel.shares(tasks, threads=THREADS)
        return parallel.map_in_threads(run, parts, threads=THREADS)
    return parallel.map_tasks(run, parallel.chunks(tasks, processes=processes), processes=processes)


def check_size(runs: int, cycles: int) -> None:
    """Raise ArgumentError where so many runs, of so many cycles each, are more than memory holds."""
    if runs * cycles > MOST_CYCLES_TOGETHER:
        raise ArgumentError(
            f"{runs:,} runs of {cycles:,} cycles are {runs * cycles:,} cycles in all; a Dataset holds "
            f"{MOST_CYCLES_TOGETHER:,}: ask for fewer draws or cycles"
        )


def results_of(
    tasks: Sequence[tuple[Cell, Protocol]], *, jump: bool = True, tolerance: float = TOLERANCE
) -> list[Results]:
    """Run cells of one structure side by side: what :func:`simulate` gives of each, without labels."""
    from twin.simulators import long_cycling

    try:
        found = long_cycling.records(tasks, jump=jump, tolerance=tolerance)
    except long_cycling.UnknownStepError:
        found = [_record(*task, SIMULATORS[0], None, None, jump, tolerance)[0] for task in tasks]
    return [results(record, *task) for record, task in zip(found, tasks, strict=True)]


def _record(cell, protocol, simulator, initial_soc, earlier, jump, tolerance) -> tuple[Record, str]:
    """The record of a run, and the simulator that it is of."""
    if simulator == "reference":
        from twin.simulators import reference

        record = reference.record(cell, protocol, initial_soc=initial_soc, earlier=earlier)
        return record, "reference"
    from twin.simulators import long_cycling

    try:
        record = long_cycling.record(
            cell,
            protocol,
            initial_soc=initial_soc,
            earlier=earlier,
            jump=jump,
            tolerance=tolerance,
        )
    except long_cycling.UnknownStepError as step:
        from twin.simulators import reference

        record = reference.record(cell, protocol, initial_soc=initial_soc, earlier=earlier)
        note = f"Run by the reference simulator: the fast one does not know the step '{step}'."
        return dataclasses.replace(record, notes=(*record.notes, note)), "reference"
    return record, "long_cycling"


def _check_task(task) -> None:
    """Raise ArgumentError unless it is a cell and its protocol."""
    if not (isinstance(task, tuple) and len(task) == 2):
        raise ArgumentError(f"a task is (cell, protocol), not {shown(task)}")
    cell, protocol = task
    checked_kind("cell", cell, Cell, "twin.load_cell(name or path) gives one")
    checked_kind("protocol", protocol, Protocol, "twin.Protocol([steps], cycles=…) makes one")


def _check_tolerance(tolerance: float):
    finest, coarsest = TOLERANCES
    checked_number("tolerance", tolerance, least=finest, most=coarsest)


def _warn_of_extrapolation(tasks: Sequence[tuple[Cell, Protocol]], notes: Iterable[str]):
    """Warn, once for all runs, of each way in which some of them leave what the model knows."""
    plateau = beyond_plateau_note(tasks[0][0].name)
    said = dict.fromkeys(note for task in tasks for note in beyond_laws(*task))
    if any(plateau in own for own in notes):
        said[plateau] = None
    for note in said:
        # Python shows a warning of the same words from the same place once
        warnings.warn(note, ExtrapolationWarning, stacklevel=3)
