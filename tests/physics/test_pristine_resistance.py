"""A film that lithium wets lowers the resistance of a lithiophobic interface: Han et al. 2017."""

import pytest

import twin
from twin import names
from twin.parameters import Parameter

STILL = {
    names.GROWTH_RATE: 0.0,
    names.FILAMENT_COEFFICIENT: 0.0,
    names.PRISTINE_RESISTANCE: 0.171,  # 1710 Ohm cm2, bare
}
CYCLES = twin.Protocol(
    ["Discharge at 0.01 mA/cm2 for 1 hour", "Charge at 0.01 mA/cm2 for 1 hour"], cycles=3
)


def per_face(cell):
    """[Ohm cm2] of films and contact, of each of two equal interfaces."""
    resistance = twin.simulate(cell, CYCLES)["resistance"].isel(cycle=-1)
    shares = resistance.sel(mechanism=["coating", "interphase", "contact"])
    return shares.sum().item() * 1e4 / 2


@pytest.fixture(scope="module")
def coated():
    """Six nanometres of a film that conducts from the start and lithiates to three."""
    return twin.load_cell("Liu2018_Al2O3_LATP_symmetric", fitted=False).replace(
        STILL
        | {
            names.COATING_THICKNESS: 6e-9,
            names.LITHIATION_DEPTH: 3e-9,
            names.INITIAL_LITHIATION: 1.0,
            names.COATING_RESISTIVITY: 5e3,
        }
    )


def wetted(cell, resistance):
    own = {names.COATED_PRISTINE_RESISTANCE: Parameter(resistance, "Han et al. 2017", "coatings/Al2O3")}
    return cell.following({"wetting": "its own"}, own)


def test_a_film_that_lithium_wets_takes_1710_to_1_ohm_cm2(coated):
    bare = twin.load_cell("Liu2018_LATP_symmetric", fitted=False).replace(STILL)
    assert per_face(bare) == pytest.approx(1710, rel=1e-3)
    assert per_face(coated) > 1700  # with the pair's contact, no film helps
    assert per_face(wetted(coated, 7e-5)) == pytest.approx(1.0, rel=0.05)


def test_a_breached_film_conducts_beside_its_bare_share(coated):
    half = wetted(coated, 7e-5).replace({names.LITHIATION_DEPTH: 12e-9, names.BREACH_EXPONENT: 1.0})
    film = 5e3 * 6e-9
    expected = 1e4 * (film + 1 / (0.5 / 0.171 + 0.5 / 7e-5))
    assert per_face(half) == pytest.approx(expected, rel=1e-3)
