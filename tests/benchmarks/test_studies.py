"""Speed of a what-if study: its runs side by side against the same one after the other."""

import dataclasses
import time

import numpy as np

from twin.fitting.draws import scaled
from twin.simulators import simulate
from twin.studies.common_draws import common_draws
from twin.studies.point import TOLERANCE
from twin.studies.study_file import load_study
from twin.studies.what_if import what_if

MAP = "Chang2023/thickness_current"
FEW, FEW_DRAWS, SINGLE = 4, 16, 12


def test_map_against_single_runs(capsys, full_length):
    study, draws = load_study(MAP), None
    if not full_length:
        few = {
            name: entry | {"values": entry["values"] | {"number": FEW}}
            for name, entry in study.vary.items()
        }
        study, draws = dataclasses.replace(study, vary=few), FEW_DRAWS
    # processes started, circuits built
    cells = what_if(dataclasses.replace(study, cycles=2), draws=1)
    began = time.perf_counter()
    data = what_if(study, draws=draws)
    batch = time.perf_counter() - began
    runs = data["outcome"].size + data.sizes["draw"]

    cell = study.cell
    drawn = common_draws(cell, data.sizes["draw"], 0, "fit").factors
    generator = np.random.default_rng(0)
    simulate(cell, study.template.filled({"current": "0.1 mA/cm2"}))
    began = time.perf_counter()
    for _ in range(SINGLE):
        thickness, current = (generator.choice(cells[name].values) for name in cells["outcome"].dims[:2])
        own = cell.replace({"Coating thickness [m]": thickness * 1e-9})
        protocol = study.template.filled({"current": f"{current:.6g} mA/cm2"})
        simulate(scaled(own, generator.choice(drawn)), protocol, tolerance=TOLERANCE)
    single = (time.perf_counter() - began) / SINGLE
    with capsys.disabled():
        print(
            f"\n{runs} runs of {MAP}: {batch:.1f} s, {batch / runs * 1e3:.1f} ms each; one after the "
            f"other {single * 1e3:.0f} ms each: {single * runs / batch:.1f} x faster",
            flush=True,
        )
    assert (data["outcome"] != "solver_failure").all()
