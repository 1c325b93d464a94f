"""Tasks on a Dask cluster: the answers of one machine, whatever happens to the workers."""

import contextlib
import dataclasses
import http.server
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from dask_workers import local
from typer.testing import CliRunner

import twin
from twin import dask_cluster
from twin.errors import ArgumentError, ClusterError, ParameterError, SlowRunWarning
from twin.parallel import map_tasks, workers

distributed = pytest.importorskip("distributed", reason="Dask comes with the extra `scale`")


@pytest.fixture(scope="module")
def running():
    with local(2) as started:
        yield started


@pytest.fixture
def address(running):
    return running.scheduler_address


def squared(number):
    return number**2


def where(number):
    return os.getpid()


def refuses(number):
    raise ParameterError(f"{number} is none")


def warns(number):
    warnings.warn("this number is odd in its own way", UserWarning, stacklevel=1)
    return number


def slow(number):
    time.sleep(0.05)
    return number, os.getpid()


def times_out(number):
    raise TimeoutError("an instrument did not answer")


def ends(number):
    os.kill(os.getpid(), signal.SIGKILL)


def test_results_come_in_the_order_of_their_tasks_and_from_the_workers(address, monkeypatch):
    monkeypatch.setattr(dask_cluster, "AHEAD", 3)  # fewer than tasks: some wait to be sent
    monkeypatch.setattr(dask_cluster, "AHEAD_OF_A_CORE", 1)
    with twin.cluster(address):
        assert workers() == 2
        assert list(map_tasks(squared, range(20))) == [n**2 for n in range(20)]
        assert os.getpid() not in set(map_tasks(where, range(8), processes=1))
    assert list(map_tasks(where, range(2), processes=1)) == [os.getpid()] * 2


def test_errors_and_warnings_of_a_worker_are_those_of_one_machine(address):
    with twin.cluster(address):
        with pytest.raises(ParameterError, match=r"^0 is none$"):
            list(map_tasks(refuses, range(3)))
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("default")
            assert list(map_tasks(warns, range(8))) == list(range(8))
    assert [str(one.message) for one in heard] == ["this number is odd in its own way"]


def test_a_result_that_comes_while_one_looks_for_workers_is_a_result(address, monkeypatch):
    monkeypatch.setattr(dask_cluster, "LOOK", 0.002)  # often: one of them falls into the moment
    with twin.cluster(address):
        assert [number for number, _ in map_tasks(slow, range(60))] == list(range(60))
        with pytest.raises(TimeoutError, match="an instrument"):
            list(map_tasks(times_out, range(1)))


def test_what_nobody_waits_for_any_more_is_cancelled(address, running):
    with twin.cluster(address):
        answers = map_tasks(slow, range(400))
        next(answers)
        answers.close()  # what Ctrl-C does as well
        deadline = time.monotonic() + 10
        while running.scheduler.tasks and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not running.scheduler.tasks


def test_workers_are_there_whatever_the_client_hears_meanwhile(address):
    """Every two seconds, Dask's client asks for all but the workers, and forgets those that it knew."""
    with twin.cluster(address) as cluster:
        client = cluster._client
        found = set()
        for _ in range(100):
            client.loop.add_callback(client._update_scheduler_info)
            found.add(cluster.cores)
    assert found == {2}


def test_forecast_and_study_are_those_of_one_machine_to_the_bit(address, bare, tmp_path):
    study = twin.Study(
        bare,
        vary={"current": ["0.1 mA/cm2", "0.3 mA/cm2"]},
        protocol=["Discharge at {current} for 1 hour", "Charge at {current} for 1 hour"],
        cycles=3,
    )
    asked = {"draws": 5, "draw_from": "priors", "seed": 2}
    alone = twin.what_if(study, processes=1, **asked)
    cell = twin.load_cell("Chang2023_Li_LGPS_symmetric")
    protocol = twin.Protocol(
        ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"], 3
    )
    forecast = twin.forecast(cell, protocol, draws=9, seed=4, processes=1)
    with twin.cluster(address):
        there = twin.what_if(study, storage=tmp_path, **asked)
        xr.testing.assert_identical(twin.forecast(cell, protocol, draws=9, seed=4), forecast)
    xr.testing.assert_identical(there, alone)
    # finished points are kept here, and need no worker any more
    xr.testing.assert_identical(twin.what_if(study, storage=tmp_path, processes=1, **asked), alone)


def test_a_search_is_that_of_as_many_points_at_once_on_one_machine(address):
    study = dataclasses.replace(twin.load_study("Luo2021/fastest_safe_charge"), cycles=3)
    asked = {"evaluations": 4, "draws": 2, "storage": "sqlite://", "processes": 2}
    here = twin.search(study, **asked)
    with twin.cluster(address):
        there = twin.search(study, **asked)
    xr.testing.assert_identical(there.evaluations, here.evaluations)


def test_evaluations_of_a_fit_are_those_of_one_machine_to_the_bit(address):
    from twin.fitting.problem import problem_of
    from twin.measured.experiment import read_experiment

    problem = problem_of(read_experiment("Luo2021"))
    points = problem.start + 0.1 * np.random.default_rng(0).standard_normal((13, len(problem.start)))
    here = problem.entries(points, processes=1)
    with twin.cluster(address):
        assert problem.entries(points).tobytes() == here.tobytes()


def test_a_wall_that_is_learnt_alone_is_that_of_a_worker_to_the_bit(address):
    """One task runs in this process, whose BLAS has a thread for each core."""
    from twin.fitting.walls import learnt

    points = np.random.default_rng(0).standard_normal((300, 12))
    tasks = [(0, points, points[:, 0] + 0.3 * points[:, 1] > 0.5, None, True)]
    (here,) = map_tasks(learnt, tasks)
    with twin.cluster(address):
        (there,) = map_tasks(learnt, tasks)
    assert there.weights.tobytes() == here.weights.tobytes()


@pytest.mark.slow
def test_a_whole_fit_is_that_of_one_machine_to_the_bit(address):
    asked = {"trials": 8, "draws": 5, "storage": "sqlite://", "seed": 3}
    here = twin.fit("Luo2021", **asked)
    with twin.cluster(address):
        there = twin.fit("Luo2021", **asked)
    for one in (here, there):
        del one.groups.attrs["seconds"], one.groups.attrs["runs_per_second"]
    xr.testing.assert_identical(there.groups, here.groups)


def test_two_of_four_workers_killed_in_mid_run_cost_no_results():
    with local(4) as started, twin.cluster(started.scheduler_address):
        answers = map_tasks(slow, range(80))
        found = [next(answers) for _ in range(4)]
        before = {worker.pid for worker in started.workers.values()}
        killed = sorted(before)[:2]
        for process in killed:
            os.kill(process, signal.SIGKILL)
        found += answers
    assert len(before) == 4
    assert [number for number, _ in found] == list(range(80))
    assert {process for _, process in found} - set(killed)


def test_a_task_that_ends_every_worker_is_said():
    said = pytest.raises(ClusterError, match="one task has ended every worker that tried it")
    once = local(2, **{"distributed.scheduler.allowed-failures": 0})
    with once as started, twin.cluster(started.scheduler_address), said:
        list(map_tasks(ends, range(1)))


def test_a_cluster_without_workers_is_waited_for_and_then_said(monkeypatch):
    monkeypatch.setattr(dask_cluster, "LOOK", 0.1)
    monkeypatch.setattr(dask_cluster, "WITHOUT_WORKERS", 1.0)
    with local(0) as started, twin.cluster(started.scheduler_address):
        waiting = pytest.warns(SlowRunWarning, match="has no workers; waiting for some")
        with waiting, pytest.raises(ClusterError, match=r"no workers for 1 s: start some \(dask worker"):
            list(map_tasks(squared, range(3)))


def test_a_scheduler_that_goes_away_is_said():
    started = local(1)
    running = started.__enter__()
    with twin.cluster(running.scheduler_address):
        answers = map_tasks(slow, range(200))
        next(answers)
        started.__exit__(None, None, None)
        with pytest.raises(ClusterError, match="has gone; what was finished is kept"):
            list(answers)


@pytest.mark.parametrize(
    ("scheduler", "why"),
    [
        ("tcp://127.0.0.1:1", "no Dask scheduler answers at 'tcp://127.0.0.1:1'"),
        ("nonsense", "missing port number"),
        ("http://127.0.0.1:8786", "unknown address scheme 'http'"),
        ("", "no Dask scheduler answers at ''"),
    ],
)
def test_a_scheduler_out_of_reach_is_one_line(scheduler, why, monkeypatch):
    monkeypatch.setattr(dask_cluster, "CONNECTING", 0.5)
    with pytest.raises(ClusterError, match=why) as caught, twin.cluster(scheduler):
        pytest.fail("nobody is there")
    assert "\n" not in str(caught.value)


def test_what_listens_there_may_be_something_else(monkeypatch, running):
    monkeypatch.setattr(dask_cluster, "CONNECTING", 1.0)
    page = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=page.serve_forever, daemon=True).start()
    worker = running.workers[0].worker_address
    for address in (f"tcp://127.0.0.1:{page.server_port}", worker):
        with pytest.raises(ClusterError, match="no Dask scheduler answers"), twin.cluster(address):
            pytest.fail("it is no scheduler")
    page.shutdown()
    page.server_close()


def test_an_address_is_a_text():
    with pytest.raises(ArgumentError, match="scheduler must be a str"), twin.cluster(8786):
        pytest.fail("no address")


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(ClusterError, match=r"pip install 'assb-twin\[scale\]'"),
        twin.cluster("tcp://x:1"),
    ):
        pytest.fail("no Dask")


@contextlib.contextmanager
def worker_of(scheduler, *options, path):
    """A worker as people start one, with another twin in its path."""
    environment = os.environ | {"PYTHONPATH": str(path)}
    command = [
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        scheduler,
        "--no-dashboard",
        *options,
    ]
    process = subprocess.Popen(
        command, env=environment, cwd=path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def another_twin(tmp_path):
    """A copy of the package in which one line is otherwise."""
    shutil.copytree(Path(twin.__file__).parent, tmp_path / "twin")
    with (tmp_path / "twin" / "names.py").open("a") as file:
        file.write("\n# another checkout\n")
    return tmp_path


@pytest.mark.filterwarnings("ignore::twin.errors.SlowRunWarning")
def test_a_worker_with_another_twin_is_refused_also_when_it_comes_late(another_twin):
    late = pytest.raises(ClusterError, match=r"the worker on .* has twin's code")
    early = pytest.raises(ClusterError, match=r"the worker tcp.* has twin's code .*the same everywhere")
    with contextlib.ExitStack() as stack:
        scheduler = stack.enter_context(local(0)).scheduler_address
        stack.enter_context(twin.cluster(scheduler))
        stack.enter_context(worker_of(scheduler, "--nthreads", "1", path=another_twin))
        with late:
            list(map_tasks(squared, range(3)))
        with early, twin.cluster(scheduler):
            pytest.fail("another twin")


def test_a_worker_of_several_threads_is_refused():
    """Warnings of one task would be those of another."""
    threads = {"n_workers": 1, "threads_per_worker": 3, "processes": False, "dashboard_address": ":0"}
    refused = pytest.raises(ClusterError, match=r"has 3 threads.*--nthreads 1")
    with (
        distributed.LocalCluster(**threads) as started,
        refused,
        twin.cluster(started.scheduler_address),
    ):
        pytest.fail("three threads")


def test_versions_that_differ_are_named_with_those_of_here():
    here = {"Python": "3.11", "dask": "2026.1", "numpy": "2.0"}
    assert dask_cluster.disagreement("a worker", dict(here), here) == ""
    said = dask_cluster.disagreement("a worker", here | {"Python": "3.12", "numpy": "2.1"}, here)
    assert (
        said == "a worker has Python 3.12 (here 3.11), numpy 2.1 (here 2.0); install the same everywhere"
    )


def test_a_command_finds_the_cluster_and_says_in_one_line_where_there_is_none(
    address, tmp_path, monkeypatch
):
    from twin.cli import app

    monkeypatch.chdir(tmp_path)
    command = ["forecast", "Chang2023_Li_LGPS_symmetric", "Discharge at 0.1 mA/cm2 for 1 hour"]
    command += ["Charge at 0.1 mA/cm2 for 1 hour", "--cycles", "2", "--draws", "4"]
    done = CliRunner().invoke(app, [*command, "--out", "there.nc", "--scheduler", address])
    assert done.exit_code == 0, done.output
    monkeypatch.setattr(dask_cluster, "CONNECTING", 0.5)
    for name in ("forecast", "what-if", "search", "fit", "validate", "compare"):
        asked = {
            "forecast": [*command, "--out", "nowhere.nc"],
            "what-if": ["what-if", "Chang2023/thickness_current"],
            "search": ["search", "Luo2021/fastest_safe_charge", "--at-once", "4"],
            "fit": ["fit", "Luo2021"],
            "validate": ["validate", "Luo2021"],
            "compare": ["compare", "Luo2021"],
        }[name]
        done = CliRunner().invoke(app, [*asked, "--scheduler", "tcp://127.0.0.1:1"])
        assert done.exit_code == 1, (name, done.output)
        assert done.stderr.startswith("twin: no Dask scheduler answers at 'tcp://127.0.0.1:1'"), name
        assert len(done.stderr.splitlines()) == 1
