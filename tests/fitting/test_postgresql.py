"""A study in a PostgreSQL database: what the server does to it, and who hears the password."""

import os
import subprocess
import sys
import time

import optuna
import pytest
import sqlalchemy
from fitting.test_claims import opened, run
from postgresql_server import PASSWORD

from twin.errors import StudyError
from twin.fitting import claims, storages
from twin.fitting.kept_evaluations import KeptEvaluations
from twin.fitting.optuna_study import complete

STATE = optuna.trial.TrialState


@pytest.fixture
def study(database):
    names = [summary.study_name for summary in optuna.get_all_study_summaries(database)]
    for name in names:
        optuna.delete_study(study_name=name, storage=database)
    return opened(database)


def test_connections_that_the_server_has_ended_are_made_anew(study, database):
    run(study, 2)
    engine = sqlalchemy.create_engine(database)
    with engine.connect() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        ended = connection.execute(sqlalchemy.text(f"{others} AND backend_type = 'client backend'"))
        assert any(one for (one,) in ended)
    engine.dispose()
    run(study, 4)
    assert [trial.state for trial in study.trials] == [STATE.COMPLETE] * 4


def test_evaluations_of_one_host_are_there_for_the_others(study, database):
    import numpy as np

    points, entries = np.random.default_rng(0).standard_normal((2, 100, 40))
    KeptEvaluations(study).keep(points, entries)
    found = KeptEvaluations(opened(database)).read()
    assert np.concatenate([own for own, _ in found]).tobytes() == points.tobytes()
    assert np.concatenate([own for _, own in found]).tobytes() == entries.tobytes()


SLEEPS = """
import sys, time
sys.path.insert(0, sys.argv[2])
import platform
platform.node = lambda: "another host"  # nobody can look whether it is gone
from fitting.test_claims import opened, run
run(opened(sys.argv[1]), 6, evaluate=lambda points: time.sleep(600))
"""


def test_a_host_that_dies_is_known_by_its_silence(study, database, request, monkeypatch):
    monkeypatch.setattr(claims, "SILENCE", 2.0)
    where = str(request.config.rootpath / "tests")
    host = subprocess.Popen([sys.executable, "-c", SLEEPS, database, where])
    deadline = time.monotonic() + 60
    while len(claims.running(study)) < 4 and time.monotonic() < deadline:
        time.sleep(0.1)
    host.kill()
    host.wait()
    run(study, 6)
    assert len(complete(study)) == 6
    assert [trial.state for trial in study.trials].count(STATE.FAIL) == 4


@pytest.fixture
def without_encoding(database):
    """URL of a database in SQL_ASCII, which older clusters of servers have where nobody chose one."""
    engine = sqlalchemy.create_engine(database, isolation_level="AUTOCOMMIT")
    make = "CREATE DATABASE bytes ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("DROP DATABASE IF EXISTS bytes"))
        connection.execute(sqlalchemy.text(make))
    yield sqlalchemy.make_url(database).set(database="bytes").render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("DROP DATABASE bytes WITH (FORCE)"))
    engine.dispose()


def test_a_database_without_an_encoding_keeps_text_as_it_is(without_encoding):
    study = opened(without_encoding)
    study.set_user_attr("operator", "Müller, 10 µm")
    run(study, 2)
    again = opened(without_encoding)
    assert again.user_attrs["operator"] == "Müller, 10 µm"
    assert len(complete(again)) == 2


def test_a_password_that_is_refused_is_not_said(database):
    wrong = database.replace(PASSWORD, "not-the-one")
    if wrong == database:
        pytest.skip("the database is not one that the tests started")
    with pytest.raises(StudyError, match="password authentication failed") as caught:
        opened(wrong)
    assert "not-the-one" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_server_out_of_reach_is_one_line(database):
    nowhere = "postgresql+psycopg://me:s3cret@127.0.0.1:1/fits"
    with pytest.raises(StudyError, match=r"127\.0\.0\.1:1/fits: .*onnection") as caught:
        opened(nowhere)
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_two_commands_fit_one_study_and_tell_nobody_the_password(study, database, tmp_path):
    """Their outputs and what they write; the study has what both have made."""
    words = ["fit", "Luo2021", "--trials", "8", "--draws", "5", "--workers", "1", "--storage", database]
    commands = [
        subprocess.Popen(
            [sys.executable, "-m", "twin.cli", *words, "--out", str(tmp_path / name)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYBAMM_DISABLE_TELEMETRY": "true"},
        )
        for name in ("one", "two")
    ]
    said = [command.communicate(timeout=600)[0] for command in commands]
    assert [command.returncode for command in commands] == [0, 0], said
    kept = optuna.load_study(study_name="Luo2021", storage=storages.opened(database))
    assert len(complete(kept)) >= 8
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 4
    assert PASSWORD not in "".join(said)
    assert all(PASSWORD.encode() not in path.read_bytes() for path in files)
