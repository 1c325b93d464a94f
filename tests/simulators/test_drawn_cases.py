"""Laws and agreement on drawn cells and protocols; every case shrinks."""

import functools

import numpy as np
import pytest
from agreement import assert_same, usable
from hypothesis import given, settings
from hypothesis import strategies as st

import twin
from twin.model import parameter_values
from twin.protocols import Block
from twin.results.dataset import dataset
from twin.simulators import reference
from twin.simulators.start import initial_soc

FACTORS = {
    "Interphase growth rate [m.s-1]": (0.01, 30),
    "Interphase passivation thickness [m]": (0.1, 30),
    "Critical stripping current density [A.m-2]": (0.1, 30),
    "Void formation charge [C.m-2]": (0.2, 30),
    "Contact healing charge [C.m-2]": (0.1, 30),
    "Filament growth coefficient [m3.C-1]": (0.001, 10),
    "Filament initiation current density [A.m-2]": (0.3, 30),
    "Interface capacitance [F.m-2]": (0.01, 10),
    "Coating thickness [m]": (0.01, 2),
}
CELLS = twin.cells()
FULL = "Chang2023_LiAlO2_LGPS_LCO"
SYMMETRIC = "Chang2023_Li_LGPS_symmetric"
PREPARED = {
    (FULL, ("Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V")),
    (FULL, ("Charge at 0.3C until 4.2 V", "Hold at 4.2 V until C/10", "Discharge at 1C until 2.6 V")),
    (SYMMETRIC, ("Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour")),
    (
        SYMMETRIC,
        (
            "Charge at 0.5 mA/cm2 for 20 minutes",
            "Rest for 1 hour",
            "Discharge at 0.5 mA/cm2 for 20 minutes",
        ),
    ),
}
"""Cells and cycles of which stock PyBaMM is built once, for many drawn parameters."""
PREPARED_CYCLES = 4


@st.composite
def drawn_cell(draw, names=CELLS):
    """A cell whose parameters are multiplied by drawn factors."""
    cell = usable(draw(st.sampled_from(names)))
    factors = {
        key: np.exp(draw(st.floats(np.log(low), np.log(high)))) for key, (low, high) in FACTORS.items()
    }
    return cell.replace({key: cell.values[key] * float(factor) for key, factor in factors.items()})


@st.composite
def drawn_protocol(draw, cell, longest):
    cycles = draw(st.integers(1, longest))
    if cell.has_cathode:
        upper = cell.values["Upper voltage cut-off [V]"]
        lower = cell.values["Lower voltage cut-off [V]"]
        rate = draw(st.sampled_from(["0.1C", "0.3C", "1C", "0.2 mA/cm2"]))
        steps = [f"Charge at {rate} until {upper:g} V", f"Discharge at {rate} until {lower:g} V"]
        if draw(st.booleans()):
            extra = [
                f"Hold at {upper:g} V until C/10",
                "Rest for 30 minutes",
                "Discharge at 1 mW for 1 minute",
            ]
            steps.insert(1, draw(st.sampled_from(extra)))
    else:
        current = draw(st.sampled_from([0.05, 0.1, 0.25, 0.5]))
        minutes = draw(st.integers(5, 300))
        steps = [f"{way} at {current} mA/cm2 for {minutes} minutes" for way in ("Charge", "Discharge")]
    return twin.Protocol(steps, cycles=cycles)


@functools.cache
def prepared(name, steps):
    """Stock PyBaMM with the drawn parameters as inputs."""
    cell, protocol = usable(name), twin.Protocol(steps, cycles=PREPARED_CYCLES)
    values = parameter_values(cell)
    values.update(dict.fromkeys(FACTORS, "[input]"))
    values["Initial SoC"] = initial_soc(cell, protocol)
    return reference.prepare(cell, protocol, values), protocol


@pytest.mark.slow
@settings(max_examples=100)
@given(st.data())
def test_simulators_agree_on_drawn_cells(data):
    name, steps = data.draw(st.sampled_from(sorted(PREPARED)))
    cell = data.draw(drawn_cell(names=(name,)))
    simulation, protocol = prepared(name, steps)
    inputs = {key: cell.values[key] for key in FACTORS}
    with reference.Quiet():
        solution = simulation.solve(inputs=inputs)
    truth = dataset(reference.record_of(solution, cell, protocol), cell, protocol, "reference")
    assert_same(twin.simulate(cell, protocol), truth)


@pytest.mark.slow
@settings(max_examples=20)
@given(st.data())
def test_simulators_agree_on_drawn_cells_and_protocols(data):
    cell = data.draw(drawn_cell())
    protocol = data.draw(drawn_protocol(cell, longest=4))
    truth = twin.simulate(cell, protocol, simulator="reference")
    assert_same(twin.simulate(cell, protocol), truth)


@settings(max_examples=80)
@given(st.data())
def test_jumping_agrees_with_every_cycle_and_laws_hold_on_drawn_cells_and_protocols(data):
    cell = data.draw(drawn_cell())
    protocol = data.draw(drawn_protocol(cell, longest=60))
    run = twin.simulate(cell, protocol)
    assert_same(run, twin.simulate(cell, protocol, jump=False))
    assert ((run["contact_fraction"] > 0) & (run["contact_fraction"] <= 1)).all()
    # what adds up grows to the tolerance of the run, 1e-3
    assert ((run["coating_damage"] >= 0) & (run["coating_damage"] <= 1)).all()
    one_way = ["filament_depth"] if cell.laws["filament"] == "one way" else []
    for state in ("interphase_thickness", *one_way):
        assert (run[state].diff("cycle") >= -1e-3 * run[state].max()).all()
    # a filament that retracts keeps what is not fresh
    assert (run["filament_depth"] >= -1e-3 * run["filament_depth"].max()).all()
    assert (run["resistance"] >= -1e-3 * run["resistance"].sum("mechanism").max()).all()
    assert (run["leak_fraction"].fillna(0) >= 0).all()
    if run["outcome"].item() == "completed":
        assert np.isfinite(run["discharge_capacity"]).all()
        assert run.sizes["cycle"] == protocol.number_of_cycles


NEW_KINDS = 200
"""Cases of all kinds of step that are drawn at full length; a sample of them runs as a rule."""
SAMPLE = 12


@st.composite
def drawn_steps(draw, cell):
    """A cycle of any kinds of step: ends by charge and state of charge, powers, holds, temperatures."""

    def maybe(text):
        return [text] if draw(st.booleans()) else []

    at = draw(st.sampled_from(["", "", " at 45 oC", " at 10 oC"]))
    if not cell.has_cathode:
        current = draw(st.sampled_from([0.05, 0.1, 0.25]))
        passed = draw(st.sampled_from(["for 40 minutes", "until 0.1 mAh/cm2", "until 0.08 mAh/cm2"]))
        pause = ["Rest for 2 hours", "Rest for 20 days", "Rest for 1 hour at 60 oC"]
        rest = maybe(draw(st.sampled_from(pause)))
        ways = draw(st.permutations(["Charge", "Discharge"]))
        first, second = (f"{way} at {current} mA/cm2 {passed}{at}" for way in ways)
        return (first, *rest, second)
    upper, lower = (f"{cell.values[f'{edge} voltage cut-off [V]']:g} V" for edge in ("Upper", "Lower"))
    rate = draw(st.sampled_from(["C/10", "C/3", "1C", "0.2 mA/cm2", "40 mA/g"]))
    share = draw(st.integers(30, 70))
    charge = [
        f"Charge at {rate} until {upper}{at}",
        f"Charge at {rate} until {share + 20} % SoC or {upper}{at}",
        f"Charge at {rate} until 0.3 mAh/cm2 or until {upper}{at}",
        f"Charge at 0.5 mW for 2 hours or until {upper}{at}",
    ]
    hold = [
        f"Hold at {upper} until C/20",
        f"Hold at {upper} for 10 minutes{at}",
        f"Hold at {upper} until > {share + 25} % SoC or until C/15",
    ]
    rest = ["Rest for 30 minutes", "Rest for 1 hour at 60 oC", "Rest for 30 days"]
    discharge = [
        f"Discharge at {rate} until {lower}{at}",
        f"Discharge at {rate} until {share - 20} % SoC or {lower}{at}",
        f"Discharge at {rate} until 100 mAh/g or until {lower}{at}",
        f"Discharge at 1 mW until {lower}{at}",
    ]
    return (
        draw(st.sampled_from(charge)),
        *maybe(draw(st.sampled_from(hold))),
        *maybe(draw(st.sampled_from(rest))),
        draw(st.sampled_from(discharge)),
    )


@st.composite
def drawn_blocks(draw, cell):
    """Two blocks of one or two cycles, at drawn temperatures and pressures."""
    blocks = []
    for name in ("first", "second"):
        temperature = draw(st.sampled_from([None, None, "60 oC", "35 oC"]))
        pressure = draw(st.sampled_from([None, None, None, "1 MPa", "20 MPa"]))
        steps, cycles = draw(drawn_steps(cell)), draw(st.integers(1, 2))
        blocks.append(Block(name, steps, cycles, temperature=temperature, pressure=pressure))
    return twin.Protocol(blocks)


@st.composite
def drawn_case(draw):
    cell = usable(draw(st.sampled_from(CELLS)))
    return cell, draw(drawn_blocks(cell))


@pytest.mark.slow
def test_simulators_agree_on_all_kinds_of_step(full_length):
    @settings(max_examples=NEW_KINDS if full_length else SAMPLE)
    @given(drawn_case())
    def agree(case):
        fast, truth = twin.simulate(*case), twin.simulate(*case, simulator="reference")
        assert fast.attrs["simulator"] == "long_cycling"
        assert_same(fast, truth)

    agree()
