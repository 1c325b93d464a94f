"""What was understood of a file of a cycler: for machines, and as rows for people."""

import json
import math
from collections.abc import Mapping

import xarray as xr

from twin.results.phrases import in_a_sentence
from twin.results.quantities import MEASUREMENTS, RESULTS, SPECTRA

MOST_STEPS_SHOWN = 6
"""Steps of a cycle that a row spells out; of pulses there are hundreds."""
MOST_BLOCKS_SHOWN = 4
"""Blocks of equal cycles that have a row."""


def understood(data: xr.Dataset) -> dict:
    """What was understood, for machines. `data` is what ``twin.read_measurements`` gave."""
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


def _blocks(data: xr.Dataset) -> list[dict]:
    """Blocks of equal cycles: their steps, and how many there are."""
    blocks: list[dict] = []
    for steps in json.loads(data.attrs.get("protocol", "[]")):
        if blocks and blocks[-1]["steps"] == steps:
            blocks[-1]["cycles"] += 1
        else:
            blocks.append({"steps": steps, "cycles": 1})
    repeated = int(data.attrs.get("repetitions", 1))
    return [block | {"cycles": block["cycles"] * repeated} for block in blocks]


def rows_of(answer: Mapping) -> list[tuple[str, str]]:
    """The same for people: what, and how it was understood."""
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
                (f"{in_a_sentence(quantity.long_name)}, {when} cycle", f"{_number(float(value))}{unit}")
            )
        elif key in known and key != "notes":
            quantity = known[key]
            none = quantity.never if quantity.never and math.isnan(value) else _number(value)
            rows.append((in_a_sentence(quantity.long_name), none))
    return rows


def _number(value: float) -> str:
    """Four digits; a dash where there is none."""
    return "-" if math.isnan(value) else f"{value:.4g}"
