"""`twin update` and `twin watch`: a twin that follows its cell."""

from pathlib import Path
from typing import Annotated

import typer

from twin.cli.options import INTERRUPTED, JsonOption, SchedulerOption, SeedOption, on_cluster
from twin.cli.terminal import print_json, print_table, say
from twin.errors import TwinError

FolderArgument = Annotated[
    Path, typer.Argument(help='Your folder of cells, with files that have role = "follow".')
]
SpecimenOption = Annotated[
    list[str] | None, typer.Option(help="Only this physical cell, as measurements.toml names it.")
]
ParticlesOption = Annotated[int, typer.Option(help="Particles that stand for what is known.")]
HorizonOption = Annotated[int, typer.Option(help="Cycle to which each update forecasts.")]


def update(
    folder: FolderArgument,
    specimen: SpecimenOption = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Start from the family again; earlier states stay.")
    ] = False,
    particles: ParticlesOption = 300,
    horizon: HorizonOption = 800,
    seed: SeedOption = 0,
    scheduler: SchedulerOption = None,
    plot: Annotated[
        bool, typer.Option("--plot", help="Save a picture of the narrowing forecast beside the states.")
    ] = False,
    as_json: JsonOption = False,
):
    """Take new cycles of followed cells into what is known of them, and forecast from there.

    Each update is kept as a state in FOLDER/followed/SPECIMEN; none is ever changed.

    Example:  twin update my_cells --plot
    """
    from twin.following.folder import followed_files, update_file
    from twin.measured.experiment import read_experiment

    experiment = read_experiment(folder)
    answers, failed = [], []
    with on_cluster(scheduler):
        for measurement in followed_files(experiment, specimen or ()):
            try:
                taken = update_file(
                    experiment, measurement, anew=anew, particles=particles, horizon=horizon, seed=seed
                )
            except TwinError as error:
                failed.append(f"{measurement.specimen}: {error}")
                continue
            files = [taken.file, *(_pictures(taken) if plot else [])]
            answers.append(_answer(taken, files))
            if not as_json:
                _print(taken, files)
    if as_json:
        print_json(answers)
    if failed:
        raise TwinError("; ".join(failed))


def watch(
    folder: FolderArgument,
    specimen: SpecimenOption = None,
    every: Annotated[float, typer.Option(help="Seconds between two looks at the files.")] = 30.0,
    looks: Annotated[int | None, typer.Option(help="Stop after so many looks.")] = None,
    particles: ParticlesOption = 300,
    horizon: HorizonOption = 800,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
):
    """Update whenever a followed file grows, until Ctrl-C. A file that cannot be read changes nothing.

    Example:  twin watch my_cells --every 600
    """
    from twin.arguments import checked_number
    from twin.following import watch as looking
    from twin.following.folder import followed_files, update_file
    from twin.measured.experiment import read_experiment

    every = checked_number("every", every, least=0.0, most=1e6)
    watched = followed_files(read_experiment(folder), specimen or ())
    places = {own.path: own.specimen for own in watched}
    say(f"Watching {', '.join(str(path) for path in places)}; Ctrl-C stops.")
    try:
        for ready in looking.grown(list(places), every=every, rest=looking.pause, looks=looks):
            if not ready:
                continue
            experiment = read_experiment(folder)  # the files are read anew
            for measurement in followed_files(experiment, [places[path] for path in ready]):
                try:
                    taken = update_file(
                        experiment, measurement, particles=particles, horizon=horizon, seed=seed
                    )
                except TwinError as error:
                    say(f"twin: {measurement.specimen}: {error}")
                    continue
                if as_json:
                    print_json(_answer(taken, [taken.file]))
                else:
                    _print(taken, [taken.file])
    except KeyboardInterrupt:
        say("Stopped.")
        raise typer.Exit(INTERRUPTED) from None


def _answer(taken, files) -> dict:
    """What an update has to say, for machines: intervals are [5 %, median, 95 %]."""
    from twin.following.followed import largest_changes
    from twin.following.in_words import MOST_CHANGES

    state, last = taken.state, taken.state.updates[-1]
    return {
        "specimen": taken.measurement.specimen,
        "cell": state.cell.name,
        "cycles": state.observed.cycles,
        "new_cycles": taken.new_cycles,
        "seconds": last.seconds,
        "effective": last.effective,
        "horizon": state.horizon,
        "forecast": {name: values.tolist() for name, values in last.forecast.items()},
        "changed": {
            name: {"before": before.tolist(), "after": after.tolist()}
            for name, before, after in largest_changes(state, MOST_CHANGES)
        },
        "alarms": list(last.alarms),
        "files": [str(path) for path in files],
    }


def _print(taken, files) -> None:
    """The same, for people."""
    from twin.following.in_words import heads_of, rows_of

    state, specimen = taken.state, taken.measurement.specimen
    if not taken.new_cycles:
        say(f"{specimen}: no new cycles since cycle {state.observed.cycles}.")
        return
    last = state.updates[-1]
    print_table(
        f"{specimen} ({state.cell.name}): {taken.new_cycles} new cycles, {last.seconds:.0f} s",
        heads_of(state),
        rows_of(state),
        note="median (5 to 95 %)",
    )
    for words in last.alarms:
        say(f"ALARM: {specimen}: {words}.")
    say(f"Wrote {', '.join(str(path) for path in files)}")


def _pictures(taken) -> list[Path]:
    """The narrowing forecast, beside the states."""
    from twin.cli.pictures import drawing, save_pictures

    plots, history = drawing(), taken.state.history
    figures = {"onset": plots.narrowing(history).figure}
    if taken.state.cell.has_cathode:
        figures["retention"] = plots.narrowing(history, "capacity_retention").figure
    return save_pictures(figures, taken.file.parent / "narrowing")
