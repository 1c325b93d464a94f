"""Shared fixtures: cells and protocols that many tests use."""

import os
import sys

os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MPLBACKEND", "Agg")

import pytest
from hypothesis import settings

import twin
from twin import parallel

settings.register_profile("twin", deadline=None, derandomize=True)
settings.load_profile("twin")


def pytest_addoption(parser):
    parser.addoption(
        "--full-length",
        action="store_true",
        help="run the agreement of the simulators and the benchmarks at the protocols' full length",
    )
    parser.addoption("--save-plots", metavar="FOLDER", help="where benchmarks save what they draw")


@pytest.fixture
def full_length(request):
    """True where protocols are to run at their full length."""
    return request.config.getoption("--full-length")


@pytest.fixture(autouse=True)
def closed_figures():
    """No test leaves figures behind: matplotlib warns of the twenty-first."""
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


@pytest.fixture(scope="session")
def database():
    """URL of a PostgreSQL database in which tests may make studies."""
    from postgresql_server import database_server

    with database_server() as url:
        yield url


@pytest.fixture
def one_process(monkeypatch):
    """All here: sending a line of numpy to another process would take all the time."""
    monkeypatch.setattr(parallel, "cores", lambda: 1)


OFF = {
    "Interphase growth rate [m.s-1]": 0.0,
    "Filament growth coefficient [m3.C-1]": 0.0,
    "Critical stripping current density [A.m-2]": 1e6,
    "Isolated area share": 0.0,
    "Separator electronic conductivity [S.m-1]": 0.0,
}
"""Switches every ageing mechanism of the bare interface off."""


@pytest.fixture
def bare():
    """Bare symmetric cell with the values of its parts' files: no fit moves the tests."""
    from twin.parameter_sets import load_cell

    return load_cell("Chang2023_Li_LGPS_symmetric", fitted=False)


@pytest.fixture
def frozen(bare):
    """Bare symmetric cell in which nothing ages and nothing leaks."""
    return bare.replace(OFF)


@pytest.fixture
def full():
    """Coated full cell, unfitted, with an interface resistance that lets it cycle at 1C."""
    from twin.parameter_sets import load_cell

    cell = load_cell("Chang2023_LiAlO2_LGPS_LCO", fitted=False)
    return cell.replace({"Interface resistance factor": 0.1})


@pytest.fixture
def shallow():
    """0.1 mA/cm2, 0.1 mAh/cm2 per half-cycle."""
    return twin.Protocol(
        ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"], cycles=10
    )
