"""Impedance spectra: limits with a closed form, the resistances they are read for, what is refused."""

import math

import numpy as np
import pytest

import twin
from twin import names
from twin.inside_a_cycle.states import states_at
from twin.simulators import long_cycling, reference
from twin.simulators.long_cycling.compiled_circuit import compiled

CONTACT = "Negative contact fraction"


def resistance_of_separator(cell):
    return cell.values["Separator layer 1 thickness [m]"] / 0.4


def spectrum(cell, protocol, cycles, frequencies=None, **rest):
    return twin.impedance(cell, twin.simulate(cell, protocol), cycles, frequencies, **rest)


@pytest.fixture
def tenth():
    """0.1C between the cut-offs, discharge second."""
    return twin.Protocol(["Charge at 0.1C until 4.2 V", "Discharge at 0.1C until 2.6 V"], cycles=30)


# --- limits ---------------------------------------------------------------------------------------
def test_ohmic_cell_has_a_flat_spectrum(frozen, shallow):
    ohmic = frozen.replace({names.PRISTINE_RESISTANCE: 1e-12})
    found = spectrum(ohmic, shallow, [0, 10])
    np.testing.assert_allclose(found["impedance_real"], resistance_of_separator(ohmic), rtol=1e-6)
    np.testing.assert_allclose(found["impedance_imag"], 0, atol=1e-9)


def test_arc_has_its_summit_at_the_rc_frequency_and_the_diameter_of_its_resistance(frozen, shallow):
    one_face, capacitance = 0.02, frozen.values[names.INTERFACE_CAPACITANCE]
    cell = frozen.replace({names.PRISTINE_RESISTANCE: one_face})
    summit = 1 / (2 * math.pi * one_face * capacitance)
    frequencies = summit * np.array([1e4, 1.1, 1, 0.9, 1e-4])
    found = spectrum(cell, shallow, [10], frequencies).isel(cycle=0)
    separator, height = resistance_of_separator(cell), -found["impedance_imag"].values
    assert height.argmax() == 2
    assert height[2] == pytest.approx(one_face, rel=1e-6)  # two faces, each half as high as wide
    # at 1e4 times the summit's frequency an arc is 1e-8 of its width away from its end
    ends = found["impedance_real"].values[[0, -1]]
    np.testing.assert_allclose(ends, [separator, separator + 2 * one_face], rtol=1e-5)


def test_short_lies_parallel_to_the_cell(frozen, shallow):
    leaking = frozen.replace({names.ELECTRONIC_CONDUCTIVITY: 0.04})
    sound, short = (spectrum(cell, shallow, [5]).isel(cycle=0) for cell in (frozen, leaking))
    conductance = leaking.values[names.ELECTRONIC_CONDUCTIVITY] / 1.04e-3 * leaking.area
    for name in ("high_frequency_resistance", "total_resistance"):
        alone = float(sound[name])
        assert float(short[name]) == pytest.approx(alone / (1 + alone * conductance), rel=1e-6)
    low = float(short["impedance_real"].isel(frequency=-1)) / leaking.area
    assert low == pytest.approx(float(short["total_resistance"]), rel=1e-4)


def test_low_frequency_end_is_the_sum_of_the_resistances_of_the_run(bare, shallow):
    """In the second that the overpotentials are given to go, a young interphase grows by 1e-4."""
    run = twin.simulate(bare, shallow)
    found = twin.impedance(bare, run, [1, 4], rest=0)  # cycles that no run jumps over
    expected = run["resistance"].sel(cycle=[1, 4]).sum("mechanism")
    np.testing.assert_allclose(found["total_resistance"] * bare.area, expected, rtol=2e-4)
    np.testing.assert_allclose(found["impedance_real"].isel(frequency=-1), expected, rtol=3e-4)


# --- with a cathode -------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["Chang2023_LiAlO2_LGPS_LCO", "Chang2023_Li_LGPS_LCO"])
def test_total_resistance_is_where_the_arcs_end_and_the_diffusion_tail_begins(name, tenth):
    given = twin.load_cell(name, fitted=False).following({"cathode diffusion": "one time constant"})
    cell = given.replace({"Interface resistance factor": 0.3, names.EXCHANGE_CURRENT: 1.0})
    found = spectrum(cell, tenth, [1, 30])
    arcs = found.sel(frequency=slice(1e3, 1e-2))
    valley = (-arcs["impedance_imag"]).argmin("frequency")
    read = arcs["impedance_real"].isel(frequency=valley) / cell.area
    # tail and last arc overlap a little: the reading is a few parts in a thousand too high
    np.testing.assert_allclose(read, found["total_resistance"], rtol=1e-2)
    tail = found["impedance_real"].isel(frequency=-1) / cell.area
    assert (tail > 1.2 * found["total_resistance"]).all()


def test_spectrum_starts_at_the_separator(full, tenth):
    found = spectrum(full, tenth, [30]).isel(cycle=0)
    start = float(found["impedance_real"].isel(frequency=0)) / full.area
    assert start == pytest.approx(float(found["high_frequency_resistance"]), rel=1e-3)
    assert found["high_frequency_resistance"] * full.area == pytest.approx(resistance_of_separator(full))


def test_default_spectrum_reaches_the_end_of_a_slow_arc(frozen, shallow):
    """A film of 0.5 MOhm cm2 a face closes its arc far below 1 mHz."""
    slow = frozen.replace({names.PRISTINE_RESISTANCE: 50.0, names.INTERFACE_CAPACITANCE: 1.0})
    found = spectrum(slow, shallow, [0]).isel(cycle=0)
    assert found["frequency"][-1] < 1e-4
    total = float(found["total_resistance"]) * slow.area
    assert found["impedance_real"].isel(frequency=-1) == pytest.approx(total, rel=1e-3)


# --- the state it is measured in ------------------------------------------------------------------
def test_fresh_cell_has_its_pristine_resistance(bare, shallow):
    found = spectrum(bare, shallow, [0, 1])
    films = 2 * bare.values[names.PRISTINE_RESISTANCE]
    expected = (resistance_of_separator(bare) + films) / bare.area
    # the separator leaks 1e-9 S/m
    assert found["total_resistance"].sel(cycle=0).item() == pytest.approx(expected, rel=1e-6)
    assert found["total_resistance"].sel(cycle=1) > 1.01 * expected


def test_voids_heal_by_creep_while_the_cell_rests(bare, tenth):
    """(1 - theta) falls as exp(-t/tau_c): at the reference pressure and without current."""
    cell = bare.replace({names.CREEP_TIME: 7200.0, names.PRESSURE_EXPONENT: 0.0})
    protocol = twin.Protocol(["Discharge at 0.2 mA/cm2 for 1 hour"], cycles=2)
    left = [
        1 - states_at(cell, protocol, [2], soc=0.5, rest=rest)[2][CONTACT].item() for rest in (0, 2, 4)
    ]
    assert left[0] > 0.1
    np.testing.assert_allclose(np.divide(left[1:], left[0]), np.exp([-1, -2]), rtol=1e-3)


def test_state_in_the_middle_of_a_jump_is_that_of_every_cycle_solved(bare, shallow):
    protocol = twin.Protocol(shallow.steps, cycles=200)
    run = twin.simulate(bare, protocol)
    skipped = int(run["cycle"].where(~run["computed"], drop=True)[-1])
    solved = twin.simulate(bare, protocol, jump=False)
    found = twin.impedance(bare, run, [skipped], rest=0)["total_resistance"].item()
    expected = solved["resistance"].sel(cycle=skipped).sum().item() / bare.area
    # the tolerance of a jump is 1e-3, of each state
    assert found == pytest.approx(expected, rel=3e-3)


def test_both_simulators_hand_out_the_same_state(full, tenth):
    fast = long_cycling.states_after(full, tenth, [1, 3], soc=0.5)
    truth = reference.states_after(full, tenth, [1, 3], soc=0.5)
    circuit = compiled(full)
    for number in (1, 3):
        for name in ("SoC", "Negative interphase thickness [m]", "Distributed SoC"):
            own = circuit.states[name]
            scale = circuit.scale[own]
            np.testing.assert_allclose(
                fast[number][own], truth[number][name] / scale, rtol=1e-3, atol=1e-4
            )


def test_steps_that_the_fast_simulator_does_not_know_go_through_the_reference(full, tenth, monkeypatch):
    run = twin.simulate(full, tenth)
    fast = twin.impedance(full, run, [2])["total_resistance"].item()

    def refuse(*arguments, **keywords):
        raise long_cycling.UnknownStepError("Charge at 0.1C until 4.2 V")

    monkeypatch.setattr(long_cycling, "states_after", refuse)
    slow = twin.impedance(full, run, [2])["total_resistance"].item()
    assert slow == pytest.approx(fast, rel=1e-4)


def test_run_that_was_saved_still_knows_where_it_started(full, tenth, tmp_path):
    run = twin.simulate(full, tenth, initial_soc=0.3)
    again = twin.load(twin.save(run, tmp_path / "run.nc"))
    for cycle in (0, 2):
        expected = twin.impedance(full, run, [cycle], [0.01])["impedance_real"].values
        np.testing.assert_array_equal(
            twin.impedance(full, again, [cycle], [0.01])["impedance_real"].values, expected
        )
    charged = twin.impedance(full, twin.simulate(full, tenth, initial_soc=1), [0], [0.01])
    assert charged["impedance_real"].item() != pytest.approx(
        twin.impedance(full, run, [0], [0.01])["impedance_real"].item(), rel=0.01
    )


# --- what is refused ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"cycles": [11]}, "cycle 11 is not in the run, whose protocol has cycles 1 to 10"),
        ({"cycles": [1, -1]}, "cycle -1 is not in the run"),
        ({"cycles": [1.5]}, r"cycle 1\.5 is not in the run"),
        ({"cycles": []}, "no cycles"),
        ({"cycles": [1], "frequencies": [1.0, 0.0]}, "frequency must be more than 0 Hz.*not 0"),
        ({"cycles": [1], "frequencies": [-5.0]}, "not -5"),
        ({"cycles": [1], "frequencies": [math.nan]}, "not nan"),
        ({"cycles": [1], "rest": -1.0}, "rest must lie between 0 and inf, not -1"),
    ],
)
def test_question_that_no_run_answers_is_refused(bare, shallow, question, message):
    with pytest.raises((twin.errors.ObservationError, twin.errors.ArgumentError), match=message):
        twin.impedance(bare, twin.simulate(bare, shallow), **question)


def test_run_of_another_cell_is_refused(bare, shallow):
    other = bare.replace({names.PRISTINE_RESISTANCE: 1.0})
    with pytest.raises(twin.errors.ObservationError, match=r"another cell.*give the cell that ran"):
        twin.impedance(other, twin.simulate(bare, shallow), [1])


def test_dataset_that_is_no_run_is_refused(bare, shallow):
    run = twin.simulate(bare, shallow)
    for wrong in (run.expand_dims("draw"), run.drop_attrs()):
        with pytest.raises(twin.errors.ObservationError, match="not the run of one cell"):
            twin.impedance(bare, wrong, [1])


def shorting(bare):
    return bare.replace(
        {
            names.FILAMENT_COEFFICIENT: 3.4e-8,
            names.FILAMENT_INITIATION: 0.0,
            names.FILAMENT_EXPONENT: 1.0,
        }
    )


def test_cycle_after_the_short_names_the_last_good_one(bare, shallow):
    cell = shorting(bare)
    run = twin.simulate(cell, twin.Protocol(shallow.steps, cycles=50))
    assert run["outcome"].item() == "hard_short"
    dead = int(run["cycle"][-1])
    ending = f"cycle {dead} as hard_short; the last whole cycle is {dead - 1}$"
    for cycle in (dead, 50):
        with pytest.raises(twin.errors.ObservationError, match=f"no end of cycle {cycle}: .* {ending}"):
            twin.impedance(cell, run, [1, cycle])
    assert twin.impedance(cell, run, [dead - 1])["total_resistance"] > 0


def test_reference_names_the_last_good_cycle_too(bare, shallow):
    cell = shorting(bare)
    protocol = twin.Protocol(shallow.steps, cycles=10)
    dead = int(twin.simulate(cell, protocol, simulator="reference")["cycle"][-1])
    assert 1 < dead < 10
    with pytest.raises(twin.errors.ObservationError, match=f"last whole cycle is {dead - 1}"):
        reference.states_after(cell, protocol, [1, 10], soc=0.5)
