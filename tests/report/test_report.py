"""Reports open anywhere, say what the data say, and never replace a file unasked."""

import base64
import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import browser
import made_up
import made_up_fit
import numpy as np
import pytest

import twin
from twin.errors import ObservationError, OutputError
from twin.fitting.draws import load_draws
from twin.plots.style import WIDTH
from twin.report import page as report_page
from twin.report import validation, write
from twin.report.page import rendered, table
from twin.results.phrases import span
from twin.results.provenance import provenance

VOID = {"meta", "img", "link", "br", "hr", "input"}
SECTIONS = [
    "Pictures", "Numbers", "What the answer leans on", "How much evidence stands behind it",
    "Parameters", "Where it comes from",
]  # fmt: skip
SMALLEST_TEXT = 11
"""[px]"""


@pytest.fixture(scope="module")
def forecast():
    cell = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
    protocol = twin.Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=20)
    return twin.forecast(cell, protocol, draws=20, seed=1, processes=1)


@pytest.fixture(scope="module")
def data_of(forecast):
    """Data of every kind that a report is made of."""
    table = made_up.validation_table(rows=30)
    table["paper"] = "Chang2023"
    return {
        "forecast": forecast,
        "study": made_up.study(),
        "search": made_up.search(),
        "validation": table,
        "fit": made_up_fit.fit("The posterior has not converged: 42 effective draws of 400."),
    }


@pytest.fixture(scope="module")
def pages(data_of):
    return {kind: report_page(data) for kind, data in data_of.items()}


@pytest.fixture(scope="module")
def written(pages):
    return {kind: rendered(page) for kind, page in pages.items()}


@pytest.fixture
def spare(forecast):
    """A forecast that one may change, without what takes long to draw."""
    return forecast.drop_dims(["mechanism", "interface", "parameter"]).copy(deep=True)


KINDS = ("forecast", "study", "search", "validation", "fit")


class Outline(HTMLParser):
    """Tags that are left open, headings, images, and everything that refers to another place."""

    def __init__(self, text: str):
        super().__init__()
        self.open, self.headings, self.images, self.references, self.crossed = [], [], [], [], []
        self.boxes = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag not in VOID:
            self.open.append((tag, given.get("class", "")))
        if re.fullmatch(r"h\d", tag):
            self.headings.append([tag, ""])
        if tag == "img":
            self.images.append(given)
        if tag == "table":
            self.boxes.append(self.open[-2][1])
        self.references += [given[name] for name in ("src", "href", "srcset", "action") if name in given]
        self.references += [name for name in given if name.startswith("on")]
        if tag in ("script", "iframe", "object", "embed", "link"):
            self.references.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop()[0] != tag:
            self.crossed.append(tag)

    def handle_data(self, data):
        if self.open and re.fullmatch(r"h\d", self.open[-1][0]):
            self.headings[-1][1] += data.strip()


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_whole_and_needs_nothing_else(kind, written):
    outline = Outline(written[kind])
    assert not outline.open, "tags left open"
    assert not outline.crossed, "tags closed out of turn"
    assert outline.references, "pictures are references too"
    assert all(reference.startswith("data:image/svg+xml;base64,") for reference in outline.references)
    assert "url(" not in written[kind]
    assert "@import" not in written[kind]
    assert [tag for tag, _ in outline.headings] == ["h1"] + ["h2"] * len(SECTIONS)
    assert [words for _, words in outline.headings[1:]] == SECTIONS
    assert all(len(image["alt"]) > 20 for image in outline.images)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [1280, 400])
def test_a_report_fits_its_window(kind, width, written, tmp_path):
    """In a real browser where there is one; that nothing is wider by its own rules, everywhere."""
    outline = Outline(written[kind])
    assert set(outline.boxes) == {"box"}, "each table scrolls in its own box"
    assert re.search(r"\.box \{[^}]*overflow-x: auto", written[kind])
    assert re.search(r"img \{[^}]*max-width: 100%", written[kind])
    if browser.chromium() is None:
        return
    seen, complaints = browser.seen_in_browser(written[kind], width, tmp_path)
    assert seen["beyond"] == 0
    assert seen["drawn"] == seen["images"] == len(outline.images)
    assert seen["narrowest_text"] >= SMALLEST_TEXT
    assert complaints == []


def test_the_answer_to_a_forecast_is_its_summary(forecast, pages):
    summary = twin.summarise(forecast)
    low, middle, high = 100 * summary["capacity_retention"].isel(cycle=-1).values
    answer = pages["forecast"].answer
    assert f"{middle:.3g} % ({low:.3g} to {high:.3g} %)" in answer
    assert "no short circuit comes in any of 20 draws, so that its chance is below" in answer


def test_shorts_are_counted_in_the_answer(spare):
    spare["short_circuit_onset_cycle"][:12] = 10.0
    spare.attrs["effective_draws"] = 42.0
    answer = report_page(spare).answer
    assert "60 % (41.8 to 76.2 %): 12 of 20 draws short, at cycle 10 (10 to never)" in answer
    assert answer.startswith("After 20 cycles 40 % of the cells live and keep")


def test_what_was_changed_stands_in_the_first_lines_and_measured_points_say_of_what_they_are(spare):
    cell = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
    assert report_page(spare).changed == ""
    long = spare.reindex(cycle=np.arange(1, 801), method="nearest")  # to where the point was measured
    caption = report_page(long).pictures[0].caption
    assert "Measured: 95 % at cycle 800." in caption
    thin = cell.replace({"Coating thickness [m]": 100e-9})
    changed = long.assign_attrs(provenance(thin))
    for page in (report_page(changed), report_page(changed, cell=thin)):
        assert page.changed == "Changed in this cell: coating thickness 100 nm, was 200 nm."
        caption = page.pictures[0].caption
        assert "Hollow, measured at coating thickness 200 nm: 95 % at cycle 800." in caption
        assert "Measured:" not in caption
        thickness = next(row for row in page.parameters[0].rows if row[0] == "Coating thickness [m]")
        assert thickness[-1] == "changed: 100 nm, was 200 nm"
        text = rendered(page)
        assert text.index("Changed in this cell") < text.index('class="answer"')


def test_every_picture_is_as_wide_as_its_page(written):
    for kind in KINDS:
        pictures = re.findall(r"data:image/svg\+xml;base64,([^\"]+)", written[kind])
        for picture in pictures:
            width = re.search(rb'<svg [^>]*width="([\d.]+)pt"', base64.b64decode(picture))
            assert float(width[1]) == pytest.approx(72 * WIDTH)


def test_a_cell_without_a_cathode_ages_in_volts(spare):
    """Its charge is prescribed: a retention of 100 % would say nothing."""
    symmetric = spare.drop_vars("specific_discharge_capacity")
    ramp = 0.1 + 0.01 * symmetric["cycle"] + 0.001 * symmetric["draw"]
    symmetric["cell_overpotential"] = ramp.transpose("draw", "cycle")
    page = report_page(symmetric)
    assert "the cells have an overpotential of 0.31 V (0.301 to 0.318 V)" in page.answer
    assert page.tables[0].columns[1] == "cell overpotential 5 % / V"
    assert page.tables[0].rows[-1][2] == "0.31"


def test_a_forecast_without_an_answer_says_why(forecast):
    failed = forecast.copy(deep=True)
    failed["outcome"] = failed["outcome"].astype("<U20")
    failed["outcome"][:] = "infeasible"
    failed["notes"] = failed["notes"].astype("<U99")
    failed["notes"][:] = "The run ended in step 'Charge'."
    page = report_page(failed)
    assert page.answer == "No draw gave an answer. The run ended in step 'Charge'."
    assert page.pictures == ()
    assert "Which parameters drive the answer cannot be said" in page.leans_on[0]


def test_every_parameter_has_its_source(pages):
    cell = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
    drawn, fixed = pages["forecast"].parameters
    assert len(drawn.rows) + len(fixed.rows) == len(cell.parameters)
    assert all(row[-1] for row in (*drawn.rows, *fixed.rows))
    utilisation = next(row for row in drawn.rows if row[0] == "Cathode utilisation")
    assert utilisation[3] == "spread between equal cells"


def test_a_cell_that_is_not_the_shipped_one_is_not_taken_for_it(spare):
    other = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO").replace({"Stack pressure [Pa]": 1e6})
    spare.attrs["parameter_hash"] = other.hash
    assert report_page(spare).parameters[0].rows[0][0] == "unknown"
    (fixed,) = report_page(spare, cell=other).parameters
    assert tuple(row[1] for row in fixed.rows if row[0] == "Stack pressure [Pa]") == ("1e+06",)


def test_few_effective_draws_are_said(spare):
    spare.attrs["effective_draws"] = 12.4
    told = " ".join(report_page(spare).evidence)
    assert "about 12 independent ones: lean on medians, not on tails" in told
    spare.attrs["effective_draws"] = 300.0
    assert "lean on medians" not in " ".join(report_page(spare).evidence)


def test_a_search_and_a_validation_repeat_that_a_fit_has_not_converged(data_of, monkeypatch):
    doubt = "The posterior has not converged: 42 effective draws of 400."
    searched = data_of["search"].assign_attrs(doubt=doubt)
    assert report_page(searched).evidence[-1] == doubt
    draws = load_draws(twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")).assign_attrs(doubt=doubt)
    monkeypatch.setattr(validation, "load_draws", lambda cell: draws)
    (told,) = report_page(data_of["validation"]).evidence
    assert told.endswith(doubt)
    assert told.count(doubt) == 1


def test_effective_draws_of_what_is_forecast_are_those_of_the_fits_chains(spare):
    told = " ".join(report_page(spare).evidence)
    groups = twin.load_groups(made_up_fit.shipped("Chang2023"))
    fit = groups["forecast_effective"].to_dataset(inherit=False)
    own = fit.sel(cell=spare.attrs["cell"]).to_dataframe()[["bulk", "tail"]].min(axis=1)
    expected = own.clip(upper=spare.sizes["draw"])
    assert f"the capacity retention {expected['capacity_retention']:.0f} and the onset" in told
    assert f"onset of a short {expected['short_circuit_onset_cycle']:.0f}." in told


def test_a_study_names_its_best_and_its_worst_point(pages):
    study = made_up.study()
    middle = study["capacity_retention"].where(study["outcome"] != "infeasible").median("draw")
    best = middle.where(middle == middle.max(), drop=True)
    answer = pages["study"].answer
    assert f"{100 * float(middle.max()):.3g} %" in answer
    assert f"coating thickness {1e9 * float(best['thickness'][0]):g} nm" in answer
    assert f"{100 * float(middle.min()):.3g} %" in answer
    (points,) = pages["study"].tables
    assert len(points.rows) == 42


def test_a_study_of_a_symmetric_cell_is_told_by_its_lifetime():
    study = made_up.study().isel(current=[0, 3])
    study["capacity_retention"][:] = 1.0
    study["lifetime"] = 2 * study["short_circuit_onset_cycle"]
    study["lifetime"].attrs = {"units": "h", "long_name": "Lifetime"}
    page = report_page(study)
    assert page.answer.startswith("Best lifetime: never with 0 % shorted at coating thickness")
    assert page.tables[0].columns[2] == "Lifetime / h"


def test_the_best_overpotential_is_the_lowest():
    study = made_up.study().isel(current=[0, 3], thickness=[4, 5, 6])
    study["short_circuit_onset_cycle"][:] = np.nan
    study["outcome"][:] = "completed"
    study["lifetime"] = study["short_circuit_onset_cycle"]
    study["cell_overpotential"] = study["thickness"] * 1e6 + 0 * study["capacity_retention"]
    study["cell_overpotential"].attrs = {"units": "V", "long_name": "Cell overpotential"}
    answer = report_page(study).answer
    assert answer.startswith("Best cell overpotential: 0.25 V (0.25 to 0.25 V) with 0 % shorted")
    assert "worst: 0.35 V" in answer
    study["lifetime"][:1] = 120.0  # the lowest overpotential does not last
    assert report_page(study).answer.startswith("Best cell overpotential: 0.3 V (0.3 to 0.3 V)")
    assert "worst: failure after 120 h" in report_page(study).answer


def test_a_question_of_ones_own_stands_above():
    assert report_page(made_up.search(), question="Why?").question == "Why?"
    asked = made_up.search().assign_attrs(question="How fast?")
    assert report_page(asked).question == "How fast?"


def test_a_search_that_nothing_meets_shows_the_nearest():
    result = made_up.search(evaluations=3)
    result["feasible"][:], result["on_front"][:] = False, False
    assert report_page(result).answer == "None of 3 evaluations meets every constraint."
    result = result.assign_coords(constraint=["no short", "lasts"])
    result["chance"] = (("evaluation", "constraint"), [[0.4, 0.2], [0.1, 0.2], [0.0, 0.9]])
    result["excess"] = (("evaluation", "constraint"), [[0.35, 0.7], [0.05, 0.7], [-0.05, 0.1]])
    result["missed"] = ("evaluation", [1.05, 0.75, 0.1])
    nearest = made_up.search(evaluations=3)["charge_current"].values[2] * 0.1  # A/m2 to mA/cm2
    assert report_page(result).answer == (
        "None of 3 evaluations meets every constraint; the nearest, at charge current "
        f"{nearest:.4g} mA/cm², misses 'lasts' (chance 90 %)."
    )


def test_a_validation_counts_its_rows_and_names_the_missed(data_of, pages):
    table, page = data_of["validation"], pages["validation"]
    fitted = table[table["role"] == "fit"]
    assert f"{int(fitted['inside'].sum())} of {len(fitted)} fitted rows" in page.answer
    for missed in table[~table["inside"]]["id"]:
        assert missed in page.answer
    assert len(page.tables[0].rows) == len(table)
    assert page.parameters[0].caption == "Fitted to Chang2023"


def test_text_stays_text(pages):
    page = dataclasses.replace(
        pages["search"],
        question="Is <script>alert(1)</script> & co. safe?",
        tables=(table("A < B", ("x",), [("<b>",)]),),
    )
    text = rendered(page)
    assert "<script" not in text
    assert "<b>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co." in text


def test_a_report_that_exists_stays(tmp_path, data_of):
    path = tmp_path / "report.html"
    path.write_text("precious")
    with pytest.raises(OutputError, match="overwrite=True"):
        write(path, data_of["search"])
    assert path.read_text() == "precious"
    assert write(path, data_of["search"], overwrite=True) == path
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_other_data_make_no_report_and_no_file(tmp_path):
    path = tmp_path / "report.html"
    with pytest.raises(ObservationError, match="over cycle, frequency"):
        write(path, made_up.spectra())
    assert not path.exists()
    with pytest.raises(OutputError, match="cannot make the folder"):
        write(Path("/proc/no/report.html"), made_up.search())


@pytest.mark.parametrize(
    ("edges", "told"),
    [
        ((1, 2, 3), "2 h (1 to 3 h)"),
        ((1, 2, np.inf), "2 h (1 to never)"),
        ((588, np.inf, np.inf), "never in most draws; 5 % by 588 h"),
        ((np.inf,) * 3, "never"),
    ],
)
def test_intervals_are_read_aloud(edges, told):
    assert span(edges, "h") == told
