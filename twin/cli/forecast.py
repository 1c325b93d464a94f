"""`twin forecast`: the main job."""

from typing import Annotated

import typer

from twin.cli import lab_tests
from twin.cli.options import (
    INTERRUPTED,
    CellArgument,
    JsonOption,
    OutOption,
    OverwriteOption,
    ProtocolOption,
    ReportOption,
    SchedulerOption,
    SeedOption,
    SetOption,
    chosen_cell,
    chosen_protocol,
    on_cluster,
)
from twin.cli.outputs import NETCDF, check_report, output_stem, with_suffix
from twin.cli.pictures import drawing, picture_suffixes, save_pictures, save_report
from twin.cli.terminal import print_json, print_table, say
from twin.errors import TwinError

COUNTERPART_DRAWS = 4
"""Of the cell that stands beside for comparison one draw is run for so many of the cell asked about."""
PlotOption = Annotated[
    bool, typer.Option("--plot", help="Save the picture (PNG, SVG): done anyway, unlike elsewhere.")
]


def forecast(
    cell: CellArgument,
    steps: Annotated[
        list[str] | None, typer.Argument(help="Steps of one cycle (default: 1C between the cut-offs).")
    ] = None,
    named: ProtocolOption = None,
    cycles: Annotated[int | None, typer.Option(help="Number of cycles.", show_default="800")] = None,
    draws: Annotated[int, typer.Option(help="Draws of what the fit leaves open.")] = 200,
    seed: SeedOption = 0,
    changes: SetOption = None,
    scheduler: SchedulerOption = None,
    out: OutOption = None,
    plot: PlotOption = True,
    report: ReportOption = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
):
    """Forecast retention and short-circuit onset, with intervals, a plot and a netCDF file.

    Example:  twin forecast Chang2023_LiAlO2_LGPS_LCO

    Example:  twin forecast Chang2023_LiAlO2_LGPS_symmetric \\
        --protocol "critical_current_density step=0.2 mA/cm2"
    """
    chosen = chosen_cell(cell, changes)
    test = lab_tests.test_of(named)
    suffixes = (NETCDF, *picture_suffixes(lab_tests.picture_names(test)))
    stem = output_stem(out, f"{chosen.name}_forecast", suffixes, overwrite=overwrite)
    check_report(report, overwrite)
    from twin.counterpart import counterpart
    from twin.files import save
    from twin.forecasting import forecast, summarise
    from twin.protocols.standard import CYCLES, standard_protocol
    from twin.results import inside

    asked = chosen_protocol(chosen, steps, named, CYCLES if named is None and cycles is None else cycles)
    protocol = (
        standard_protocol(chosen, CYCLES if cycles is None else cycles) if asked is None else asked
    )
    try:
        with on_cluster(scheduler):
            data = forecast(chosen, protocol, draws=draws, seed=seed)
            summary = summarise(data)
            files = [save(data, with_suffix(stem, NETCDF))]
            summaries = {chosen.description: summary}
            other = counterpart(chosen)
            if other is not None:
                beside = forecast(other, protocol, draws=max(1, draws // COUNTERPART_DRAWS), seed=seed)
                summaries[other.description] = summarise(beside)
    except KeyboardInterrupt:
        say("Stopped.")
        raise typer.Exit(INTERRUPTED) from None
    figures = {"": _figure(chosen, other, protocol, summaries, named)} | lab_tests.figures(test, data)
    files += save_pictures(figures, stem)
    if report is not None:
        files.append(save_report(report, data, overwrite=overwrite, cell=chosen))
    answer = _answer(summary, protocol.number_of_cycles) | lab_tests.values(test, data)
    answer["conditions"] = inside.for_machines(data)
    answer["basis"] = data.attrs["basis"]
    if as_json:
        print_json({"cell": chosen.name, "draws": draws} | answer | {"files": [str(f) for f in files]})
    else:
        _print_answer(chosen, summary, answer, lab_tests.rows(test, data))
        if data.attrs["basis"]:
            say(data.attrs["basis"])
        _print_inside(data)
        say(f"Wrote {', '.join(str(path) for path in files)}")
    if not answer["usable_draws"]:
        raise TwinError(_no_answer(data))


def _figure(cell, other, protocol, summaries, named):
    """The picture, with what was measured; of a changed cell, what was measured before the change."""
    from twin.measured.beside import measured_beside

    measured, before = {}, {}
    for shown in filter(None, (cell, other)):
        beside = measured_beside(shown, protocol)
        if beside.is_own:
            measured[shown.description] = beside.points
        elif shown is cell:
            before[beside.label] = beside.points
    title = f"{_name(cell, summaries)}: {named or protocol.block[0].kind}"
    return drawing().forecast_figure(summaries, measured, title, before_changes=before)


def _name(cell, summaries) -> str:
    """The cell, and what was changed in it."""
    from twin.results.phrases import changes_in_words

    changes = changes_in_words(summaries[cell.description].attrs)
    return f"{cell.name} ({changes})" if changes else cell.name


def _answer(summary, cycles: int) -> dict:
    """What --json prints: intervals are [5 %, median, 95 %], of a chance [low, share, high]."""
    from twin import names
    from twin.results.intervals import worth_of

    outcomes = {name: int(summary["outcomes"].sel(outcome=name)) for name in names.OUTCOMES}
    usable = sum(count for name, count in outcomes.items() if name not in names.NO_ANSWER)
    doubt = str(summary.attrs.get("doubt", ""))
    answer: dict = {"usable_draws": usable, "effective_draws": worth_of(summary), "doubt": doubt}
    if usable:
        last = summary.isel(cycle=-1)

        def in_percent(name: str) -> list[float]:
            return (100 * last[name]).values.tolist()

        answer |= {
            f"alive_at_{cycles}_percent": in_percent("alive"),
            f"retention_at_{cycles}_percent": in_percent("capacity_retention"),
            f"chance_of_short_within_{cycles}_percent": in_percent("short_circuit_probability"),
            f"chance_of_short_within_{cycles}_interval_percent": in_percent(
                "short_circuit_probability_interval"
            ),
            "short_circuit_onset_cycle": summary["short_circuit_onset_cycle"].values.tolist(),
            "lifetime_hours": summary["lifetime"].values.tolist(),
        }
        if "cell_overpotential" in last:
            key = f"cell_overpotential_at_{cycles}_volts"
            answer[key] = last["cell_overpotential"].values.tolist()
    return answer | {"outcomes": {name: count for name, count in outcomes.items() if count}}


def _print_answer(cell, summary, answer: dict, of_test: list[tuple[str, str]]):
    """The answer for people: of the cells that live how they do, and how many do."""
    from twin.results.phrases import chance_in_words, listed, number, span
    from twin.results.quantities import ageing
    from twin.results.readable import readable

    cycles, draws = int(summary["cycle"][-1]), int(summary["outcomes"].sum())
    last = summary.isel(cycle=-1)
    aged = readable(last[ageing(summary).name])
    rows = []
    if answer["usable_draws"]:
        chance = last["short_circuit_probability_interval"].values
        alive = float(last["alive"])
        living = round(alive * answer["usable_draws"])
        rows = [
            ("cells alive: they deliver, without a short", f"{number(100 * alive)} % ({living} draws)"),
            (f"{ageing(summary).name.replace('_', ' ')} of those", span(aged.values, aged.unit)),
            ("chance of a short by then", chance_in_words(chance)),
            ("first cycle with a short", span(summary["short_circuit_onset_cycle"].values)),
            ("time of the first failure of any kind", span(summary["lifetime"].values, "h")),
        ]
    rows += of_test
    happened = [f"{count} {name.replace('_', ' ')}" for name, count in answer["outcomes"].items()]
    rows.append(("worst that happened, in draws", listed(happened)))
    print_table(
        f"{_name(cell, {cell.description: summary})}: {cycles} cycles, {draws} draws",
        (f"after {cycles} cycles", "median (5 to 95 %)"),
        rows,
        note=f"The draws are worth about {answer['effective_draws']:.0f} independent ones. "
        f"The interval of the chance is Jeffreys'. {answer['doubt']}".rstrip(),
    )


def _print_inside(data):
    """How the protocol stands to what was fitted: a sentence where it lies inside, a table where not."""
    from twin.results import inside

    sentence = inside.sentence(data)
    if inside.is_inside(data):
        say(sentence)
    elif sentence:
        print_table("Inside what was fitted?", inside.COLUMNS, inside.rows_of(data), note=sentence)


def _no_answer(data) -> str:
    notes = [str(note) for note in data["notes"].values if str(note)]
    return notes[0] if notes else "no draw gave an answer"
