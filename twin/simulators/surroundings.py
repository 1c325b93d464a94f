"""What is kept around a cell while a step runs: temperature and pressure, where the protocol says so."""

from twin import names
from twin.protocols import Cycle, Step


def surroundings(cycle: Cycle, step: Step) -> dict[str, float]:
    """Parameter -> value, of those that the protocol sets; a step's own temperature comes first."""
    temperature = cycle.temperature if step.temperature is None else step.temperature
    kept = {names.AMBIENT_TEMPERATURE: temperature, names.STACK_PRESSURE: cycle.pressure}
    return {key: value for key, value in kept.items() if value is not None}
