"""A value knows where it comes from; a prior its coordinate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.parameters import Parameter, Prior, label, part_and_key

KEY = "Coating thickness [m]"
STATED = Parameter(2e-7, "measured", "coatings/LiAlO2", Prior("lognormal", 1e-8, 1e-6, 2e-7, 2.0))


def test_fit_change_and_draw_each_say_what_they_did():
    fitted = STATED.fitted(3e-7, "Chang2023")
    changed = fitted.changed(1e-7, KEY)
    drawn = changed.drawn(1.1e-7)
    assert fitted.source == "fitted: Chang2023"
    assert changed.source == "changed: 100 nm, was 300 nm"
    assert drawn.source == "drawn from: changed: 100 nm, was 300 nm"
    assert drawn.centre is changed
    assert drawn.loaded is changed.loaded is fitted
    assert drawn.stated is STATED
    assert {entry.part for entry in (fitted, changed, drawn)} == {STATED.part}
    assert {entry.prior for entry in (fitted, changed, drawn)} == {STATED.prior}


@given(st.lists(st.sampled_from([1e-7, 2e-7, 3e-7, 4e-7]), min_size=1))
def test_however_often_it_is_changed_only_the_loaded_and_the_last_value_count(values):
    fitted = STATED.fitted(3e-7, "Chang2023")
    changed = fitted
    for value in values:
        changed = changed.changed(value, KEY)
    assert changed == fitted.changed(values[-1], KEY)
    assert changed.value == values[-1]


@given(st.text(), st.text().filter(lambda key: ": " not in key and not key.startswith(" ")))
def test_a_label_tells_part_and_key(part, key):
    assert part_and_key(label(part, key)) == (part, key)


@pytest.mark.parametrize("prior", [
    Prior("lognormal", 1e-8, 1e-6, 2e-7, 2.0),
    Prior("normal", -1.0, 2.0, 0.3, 0.5),
    Prior("uniform", 1.0, 3.0, 2.0),
])  # fmt: skip
@given(coordinate=st.floats(-3, 3))
def test_the_coordinate_of_a_prior_leads_back_to_the_value(prior, coordinate):
    value = prior.from_unit_normal(coordinate)
    assert prior.lower <= value <= prior.upper
    assert prior.from_unit_normal(prior.to_unit_normal(value)) == pytest.approx(value)
