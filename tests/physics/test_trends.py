"""Li | Li6PS5Cl: what moves a short, in the direction and by about the size that was published."""

import math

import pytest

import twin

WHOLE_CELL_LIVES = math.inf


@pytest.fixture(scope="module")
def cell():
    """Lithium on both sides of a pellet, with the values that the rows of Duan2023 gave."""
    return twin.load_cell("Duan2023_Li_LPSCl_symmetric")


def cycling(current, charge):
    """Steps of one cycle at a current density [mA/cm2] that plates a charge [mAh/cm2] on each side."""
    minutes = 60 * charge / current
    return [f"{way} at {current} mA/cm2 for {minutes:.6g} minutes" for way in ("Discharge", "Charge")]


def hours_to_short(cell, steps, cycles):
    """Time of the onset [h]; infinite where the cell completes its cycles."""
    onset = twin.simulate(cell, twin.Protocol(steps, cycles=cycles))["short_circuit_onset_time"].item()
    return onset if math.isfinite(onset) else WHOLE_CELL_LIVES


def at_pressure(cell, megapascals):
    return cell.replace({"Stack pressure [Pa]": megapascals * 1e6})


def at_temperature(cell, celsius):
    kelvin = celsius + 273.15
    return cell.replace({"Ambient temperature [K]": kelvin, "Initial temperature [K]": kelvin})


def ramp(cell):
    """Critical current density [mA/cm2] in steps of 0.1 mA/cm2 and an hour."""
    protocol = twin.protocols.critical_current_density(step="0.1 mA/cm2", time="1 hour")
    return twin.simulate(cell, protocol)["critical_current_density"].item() / 10


def one_way_capacity(cell, current, rest=0):
    """Charge [mAh/cm2] that plates in one direction, two minutes at a time, until the cell shorts."""
    pause = [f"Rest for {rest} minutes"] if rest else []
    protocol = twin.Protocol([f"Discharge at {current} mA/cm2 for 2 minutes", *pause], cycles=2000)
    return twin.simulate(cell, protocol)["short_circuit_onset_cycle"].item() * current / 30


@pytest.mark.parametrize(("megapascals", "published"), [(3, 0.2), (7, 1.0)])
def test_current_that_strips_without_voids_is_the_published_one(cell, megapascals, published):
    """Kasemchainan et al. 2019 at both of their pressures, from the part's two values."""
    values = twin.load_cell("Duan2023_Li_LPSCl_symmetric", fitted=False).values
    pressure = megapascals * 1e6 / values["Reference stack pressure [Pa]"]
    critical = (
        values["Critical stripping current density [A.m-2]"]
        * pressure ** values["Contact pressure exponent"]
    )
    assert critical / 10 == pytest.approx(published, rel=0.02)  # the part's values have two digits


def test_contact_falls_from_cycle_to_cycle_above_that_current_alone(cell):
    """Kasemchainan et al. 2019: at 3 MPa, 1 mA/cm2 leaves more voids each cycle; 0.15 leaves none."""
    pressed = at_pressure(cell, 3)
    above, below = (
        twin.simulate(pressed, twin.Protocol(cycling(current, 0.1), cycles=5), jump=False)
        for current in (1.0, 0.15)
    )
    # a cycle ends with plating on the negative side, which finds less area each time
    kept = above["contact_fraction"].sel(interface="negative")
    assert (kept.diff("cycle") < -0.01).all()
    assert kept[-1] < 0.8
    assert below["contact_fraction"].min() > 0.99


def test_a_loose_stack_shorts_sooner_where_it_loses_contact(cell):
    """Kasemchainan et al. 2019: at 1 mA/cm2 cells short within cycles at 3 MPa and live longer at 7."""
    loose, tight = (hours_to_short(at_pressure(cell, p), cycling(1.0, 0.25), 400) for p in (3, 7))
    assert 1.2 < tight / loose < 10


def test_too_much_pressure_shorts_a_cell_that_lives_on_under_less(cell):
    """Doux et al. 2020, 0.075 mA/cm2: over 1000 h at 5 MPa, 48 h at 25 MPa."""
    steps = cycling(0.075, 0.075)
    assert hours_to_short(at_pressure(cell, 5), steps, 520) > 1000
    # a factor of three: the cell's pellet and its half-cycles are not those of the paper
    assert 16 < hours_to_short(at_pressure(cell, 25), steps, 500) < 144


def test_critical_current_rises_with_temperature(cell):
    """Sharafi et al. 2016 saw it rise by decades with heat, on a garnet; a few times over these 80 K."""
    cold, room, hot = (ramp(at_temperature(cell, celsius)) for celsius in (-20, 25, 60))
    assert 1.5 < room / cold < 10
    assert 1.5 < hot / room < 10


def test_critical_current_of_a_ramp_at_room_temperature_is_a_usual_one(cell):
    """Tron et al. 2023 name over 1 mA/cm2 as high; Kasemchainan et al. 2019 shorts at 1 mA/cm2."""
    assert 0.3 <= ramp(cell) <= 1.2


def test_cell_cycled_below_the_charge_that_shorts_it_one_way_lives_on(cell):
    """Lewis et al. 2022: below this threshold capacity lifetimes grow far beyond the charge plated."""
    threshold = one_way_capacity(cell, 1.0)
    charge = threshold / 10
    cycles = hours_to_short(cell, cycling(1.0, charge), 500) / (2 * charge)
    assert cycles > 20  # ten, if nothing came back


def test_threshold_capacity_falls_as_the_current_rises(cell):
    """Lewis et al. 2022: average threshold capacities of one-way plating, by current density."""
    slow, fast = (one_way_capacity(cell, current) for current in (0.5, 2.0))
    assert 1.5 < slow / fast < 10


def test_a_larger_charge_per_half_cycle_shorts_at_a_lower_current(cell):
    """Lewis et al. 2022: enough charge shorts far below the critical current of a common ramp."""

    def critical(charge):
        cycles = [tuple(cycling(step / 10, charge)) for step in range(1, 60)]
        run = twin.simulate(cell, twin.Protocol(cycles))
        return run["short_circuit_onset_cycle"].item() / 10

    small, large = critical(0.1), critical(1.0)
    assert 2 < small / large < 10


def test_rests_between_pulses_let_more_charge_through(cell):
    """Pulses with pauses raise what a separator bears (Reisecker et al. 2023, on a garnet)."""
    steady, short, long = (one_way_capacity(cell, 0.5, rest) for rest in (0, 2, 20))
    assert steady < short < long
    assert long > 1.3 * steady


def test_denser_pulses_of_the_same_mean_current_let_less_through(cell):
    """What counts is the current that flows, not its mean: a pause does not make up for a high pulse."""
    assert one_way_capacity(cell, 1.0, rest=2) < one_way_capacity(cell, 0.5)
