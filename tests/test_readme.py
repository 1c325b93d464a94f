"""What the README shows works as shown."""

import os
import re
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"<!-- python -->\n```python\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    BLOCKS,
    ids=["twin", "blocks", "ramp", "pybamm", "files of cyclers", "a followed cell", "what if"],
)
def test_python_block_runs(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {"__name__": "readme"})
    plt.close("all")


@pytest.mark.slow
def test_forecast_command_does_the_main_job(tmp_path):
    (command,) = re.findall(r"<!-- forecast -->\n```sh\n(.*?)\n```", README)
    install, forecast = command.rsplit(" && ", 1)
    assert "pip install ." in install
    words = forecast.removeprefix(".venv/bin/twin ").split()
    done = subprocess.run(
        [sys.executable, "-m", "twin.cli", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
        env=os.environ | {"TERM": "dumb"},
    )
    assert done.returncode == 0, done.stderr
    assert "capacity retention of those" in done.stdout
    assert {path.suffix for path in tmp_path.iterdir()} == {".nc", ".png", ".svg"}


def test_other_commands_are_there():
    from typer.testing import CliRunner

    from twin.cli import app

    for name in re.findall(r"^\| `twin ([a-z-]+)", README, flags=re.MULTILINE):
        assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0
    for paper in ("Chang2023", "Liu2018", "Luo2021", "Duan2023"):
        assert re.search(rf"^twin fit {paper} --trials \d+ --storage", README, flags=re.MULTILINE)
