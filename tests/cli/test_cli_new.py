"""`twin new`: what it writes, and what it says must be done next."""

import json

from typer.testing import CliRunner

from twin.cli import app


def test_an_empty_stack_is_told_line_by_line(tmp_path):
    done = CliRunner().invoke(app, ["new", str(tmp_path / "lab"), "--kind", "symmetric", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert {"file": f"{tmp_path}/lab/cell.toml", "key": "Electrode area [m2]"}.items() <= {
        key: value for key, value in told["fill_in"][0].items() if key != "line"
    }.items()
    assert f"{tmp_path}/lab/rows.csv" in told["files"]


def test_a_known_stack_says_the_commands_that_come_next(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["new", "lab", "--from", "Liu2018_LATP_symmetric"])
    assert done.exit_code == 0, done.output
    assert "twin forecast lab/cell.toml" in " ".join(done.output.split())
    ran = CliRunner().invoke(app, ["run", "lab/cell.toml", "Discharge at 0.01 mA/cm2 for 1 hour"])
    assert ran.exit_code == 0, ran.output + ran.stderr


def test_a_folder_that_is_not_empty_ends_in_one_line(tmp_path):
    (tmp_path / "mine").write_text("")
    done = CliRunner().invoke(app, ["new", str(tmp_path)])
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1
    assert "is not empty" in done.stderr
