"""Storages: what their URLs mean, who may use them, and what is said of one that cannot be used."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import optuna
import pytest
from optuna.storages.journal import JournalFileBackend

from twin.errors import ArgumentError, StudyError
from twin.fitting import storages
from twin.fitting.optuna_study import open_study
from twin.fitting.storages import locked, public


def study_in(storage, name="a study"):
    sampler = optuna.samplers.RandomSampler(seed=0)
    return open_study(name, storage, sampler=sampler, version="v", made_by="the model")


@pytest.fixture
def sqlite(tmp_path):
    return f"sqlite:///{tmp_path / 'fits.db'}"


@pytest.fixture
def journal(tmp_path):
    return f"journal:///{tmp_path / 'fits.log'}"


def test_a_file_in_use_is_refused_until_it_is_free(sqlite):
    refused = pytest.raises(StudyError, match=r"in use by another run.*journal:///fits.log")
    with locked(sqlite), refused, locked(sqlite + "?timeout=10"):
        pytest.fail("two runs in one file")
    with locked(sqlite):
        pass


def test_a_run_that_fails_leaves_its_file_free(sqlite):
    with pytest.raises(ValueError, match="a fault"), locked(sqlite):
        raise ValueError("a fault")
    with locked(sqlite):
        pass


@pytest.mark.parametrize("storage", ["sqlite://", "sqlite:///:memory:"])
def test_memory_is_a_storage_that_nobody_shares(storage, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with locked(storage), locked(storage):
        study = study_in(storage)
        study.tell(study.ask(), 1.0)
    assert len(study.trials) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_journal_takes_several(journal):
    with locked(journal), locked(journal):
        one, other = study_in(journal), study_in(journal)
        one.tell(one.ask(), 1.0)
        other.tell(other.ask(), 2.0)
    assert [trial.value for trial in one.trials] == [1, 2]


def test_a_journal_is_one_that_optuna_reads(journal, tmp_path):
    study_in(journal).enqueue_trial({"x": 1.0})
    alone = optuna.storages.JournalStorage(JournalFileBackend(str(tmp_path / "fits.log")))
    assert len(optuna.load_study(study_name="a study", storage=alone).trials) == 1


def test_a_relative_path_follows_three_strokes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for storage in ("sqlite:///one.db", "journal:///one.log", "sqlite+pysqlite:///two.db?timeout=1"):
        study_in(storage)
    assert {path.name for path in tmp_path.iterdir()} >= {"one.db", "one.log", "two.db"}


def test_half_a_line_of_a_killed_command_is_dropped(journal, tmp_path):
    """Also while another command goes on: it would append to the half line."""
    living = study_in(journal)
    living.tell(living.ask(), 1.0)
    path = tmp_path / "fits.log"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"op_code":5,"worker_id":"x","tri')
    living.tell(living.ask(), 2.0)
    assert path.read_bytes().startswith(whole)
    for line in path.read_text().splitlines():
        json.loads(line)
    path.write_bytes(path.read_bytes() + b'{"op')
    again = study_in(journal)
    again.tell(again.ask(), 3.0)
    assert [trial.value for trial in again.trials] == [1, 2, 3]
    only = tmp_path / "only.log"
    only.write_bytes(b'{"op_code":0,')
    assert study_in(f"journal:///{only}").trials == []


def test_a_lock_of_a_killed_command_is_broken(journal, tmp_path, monkeypatch):
    monkeypatch.setattr(storages, "LOCK_PATIENCE", 3)
    study_in(journal)
    (tmp_path / "fits.log.lock").touch()
    study_in(journal, "another")
    assert not (tmp_path / "fits.log.lock").exists()


def test_a_file_that_is_no_journal_is_left_as_it_is(tmp_path):
    path = tmp_path / "precious.txt"
    path.write_text("a list of things\nwithout an end")
    with pytest.raises(StudyError, match="it is no journal of Optuna"):
        study_in(f"journal:///{path}")
    assert path.read_text() == "a list of things\nwithout an end"


@pytest.mark.parametrize(
    ("storage", "message"),
    [
        ("sqlite:///", "names no file"),
        ("journal:///", "names no file"),
        ("sqlite:///no/folder/fits.db", "there is no folder no"),
        ("journal:///no/folder/fits.log", "there is no folder no"),
        ("fits.db", "a storage is a URL, as"),
        ("nonsense", "a storage is a URL, as"),
        ("", "a storage is a URL, as"),
        ("nosuch://host/fits", "cannot open the study 'a study' in nosuch://host/fits"),
        ("oracle://host/fits", "which it needs; install the package that has it"),
    ],
)
def test_a_storage_that_names_no_place_is_refused(storage, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StudyError, match=message), locked(storage):
        study_in(storage)


@pytest.mark.parametrize("storage", [None, 5, ["sqlite:///fits.db"]])
def test_a_storage_is_a_text(storage):
    with pytest.raises(ArgumentError, match="storage must be a str"), locked(storage):
        pass


@pytest.mark.parametrize("form", ["sqlite:///{}", "journal:///{}"])
def test_a_folder_is_no_file(form, tmp_path):
    storage = form.format(tmp_path)
    with pytest.raises(StudyError, match="cannot open the study 'a study' in"), locked(storage):
        study_in(storage)


def test_a_place_that_cannot_be_locked_is_said(sqlite, tmp_path):
    (tmp_path / "fits.db.lock").mkdir()
    with pytest.raises(StudyError, match="cannot use the study file"), locked(sqlite):
        pytest.fail("no lock")


def test_a_file_that_cannot_be_written_is_said(sqlite, tmp_path):
    study_in(sqlite)
    storage = f"sqlite:///file:{tmp_path / 'fits.db'}?mode=ro&uri=true"
    with pytest.raises(StudyError, match="readonly database"), locked(storage):
        study_in(storage, "another")


def test_a_file_lies_alone_when_its_command_is_done(tmp_path):
    """What SQLite writes ahead is in it then."""
    script = (
        "from fitting.test_storages import study_in\n"
        "study = study_in('sqlite:///fits.db')\n"
        "study.tell(study.ask(), 1.0)"
    )
    where = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=os.environ | {"PYTHONPATH": where}, check=True
    )
    assert [path.name for path in tmp_path.iterdir()] == ["fits.db"]
    with sqlite3.connect(tmp_path / "fits.db") as file:
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert file.execute("SELECT count(*) FROM trials").fetchone() == (1,)


def test_a_file_that_another_program_holds_is_said(sqlite, tmp_path):
    study_in(sqlite)
    other = sqlite3.connect(tmp_path / "fits.db")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StudyError, match="database is locked"), locked(sqlite):
        study_in(sqlite + "?timeout=0.1")
    other.close()


def test_a_damaged_file_is_said_in_one_line(sqlite, tmp_path):
    (tmp_path / "fits.db").write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 16)
    with pytest.raises(StudyError, match="cannot open the study 'a study' in") as caught:
        study_in(sqlite)
    assert "\n" not in str(caught.value)


def test_a_damaged_journal_is_said_in_one_line(journal, tmp_path):
    study_in(journal)
    path = tmp_path / "fits.log"
    path.write_bytes(path.read_bytes().replace(b"a study", b"a\xff\x00study", 1) * 2)
    with pytest.raises(StudyError, match="cannot open the study 'a study' in") as caught:
        study_in(journal)
    assert "\n" not in str(caught.value)


FILLS_UP = """
import os, resource
from twin.errors import StudyError
from twin.fitting import optuna_study, storages
import optuna
storage = "sqlite:///fits.db"
sampler = optuna.samplers.RandomSampler(seed=0)
try:
    with storages.locked(storage):
        study = optuna_study.open_study("s", storage, sampler=sampler, version="v", made_by="nothing")
        room = os.path.getsize("fits.db") + 4096
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        for _ in range(500):
            study.tell(study.ask(), 1.0)
except StudyError as error:
    print(error)
"""


def test_a_storage_with_no_room_left_is_said_in_words(tmp_path):
    """In a process whose files may not grow: what a full disk is to SQLite."""
    done = subprocess.run(
        [sys.executable, "-c", FILLS_UP], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.startswith("cannot keep trials in sqlite:///fits.db: "), done.stderr


def test_a_password_is_shown_to_nobody():
    assert public("postgresql://me:s3cr:t/et@host:5432/fits") == "postgresql://me:***@host:5432/fits"
    assert public("postgresql://me@host/fits") == "postgresql://me@host/fits"
    assert public("sqlite:////data/a:b@c/fits.db") == "sqlite:////data/a:b@c/fits.db"
    assert public("postgresql://me:a/b@c@host/fits") == "postgresql://me:***@host/fits"
    assert public("postgresql://me@host/fits?password=s3cr:t&a=b") == (
        "postgresql://me@host/fits?password=***&a=b"
    )
    for storage in ("nosuch://me:secret@host/fits", "me:secret@host/fits", "postgresql:me:secret@host"):
        with pytest.raises(StudyError) as caught:
            study_in(storage)
        assert "secret" not in str(caught.value)
