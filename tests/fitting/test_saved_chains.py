"""Chains on their way: kept, gone on from, and computed anew where the file is damaged or another's."""

import json

import numpy as np
import pytest

from twin.errors import DamagedFileWarning
from twin.files import save_arrays
from twin.fitting.saved_chains import SavedChains, State

CHAINS, STEPS, PARAMETERS = 3, 5, 2


def state(chains=CHAINS, steps=STEPS, parameters=PARAMETERS):
    generator = np.random.default_rng(1)
    return State(generator.normal(size=(chains, steps, parameters)), -np.ones((chains, steps)), 4)


def read(saved):
    return saved.read(CHAINS, PARAMETERS, np.random.default_rng(0))


@pytest.fixture
def saved(tmp_path):
    return SavedChains(tmp_path / "chains.npz", "v1")


def test_what_is_kept_comes_back_with_the_generator_as_it_stood(saved):
    generator = np.random.default_rng(5)
    generator.random(17)
    saved.keep(state(), generator)
    other = np.random.default_rng(0)
    found = saved.read(CHAINS, PARAMETERS, other)
    np.testing.assert_array_equal(found.points, state().points)
    np.testing.assert_array_equal(found.heights, state().heights)
    assert found.accepted == 4
    assert other.random() == generator.random()
    saved.remove()
    assert read(saved) is None


def test_no_file_means_no_chains_and_no_word(saved, recwarn):
    assert read(saved) is None
    assert not recwarn


def arrays(**other):
    kept = state()
    generator = json.dumps(np.random.default_rng(0).bit_generator.state)
    whole = {"points": kept.points, "heights": kept.heights, "accepted": 4, "version": "v1"}
    return {
        name: np.asarray(value) for name, value in (whole | {"generator": generator} | other).items()
    }


BROKEN = {
    "of another version": arrays(version="v2"),
    "of more chains": arrays(points=state(chains=4).points, heights=state(chains=4).heights),
    "of other parameters": arrays(points=state(parameters=3).points),
    "of unequal steps": arrays(points=state(steps=4).points),
    "of no steps": arrays(points=state(steps=0).points, heights=state(steps=0).heights),
    "of text": arrays(points=np.array([["a"]])),
    "without a shape": arrays(heights=1.0),
    "with a hole": arrays(points=np.full((CHAINS, STEPS, PARAMETERS), np.nan)),
    "accepting more than was proposed": arrays(accepted=99),
    "accepting words": arrays(accepted="many"),
    "without a generator": {k: v for k, v in arrays().items() if k != "generator"},
    "with a generator that is no JSON": arrays(generator="{"),
    "with a generator of another kind": arrays(generator='{"bit_generator": "MT19937"}'),
    "with a number for a generator": arrays(generator="7"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_chains_of_another_make_are_computed_anew_with_a_word(saved, kind):
    save_arrays(saved.path, BROKEN[kind])
    with pytest.warns(DamagedFileWarning, match="damaged or of another fit; they are computed anew"):
        assert read(saved) is None


def test_half_a_file_is_computed_anew_with_a_word(saved):
    saved.keep(state(), np.random.default_rng(0))
    whole = saved.path.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"text", whole[:100] + bytes(100) + whole[200:]):
        saved.path.write_bytes(content)
        with pytest.warns(DamagedFileWarning):
            assert read(saved) is None
