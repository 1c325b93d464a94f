# The public names, in the order of the data.
from . import errors, plots, protocols, report, studio
from .comparison import compare
from .dask_cluster import cluster
from .files import load, load_groups, save
from .fitting.posterior import fit
from .following.update import update
from .forecasting import forecast, summarise
from .inside_a_cycle.impedance import impedance
from .inside_a_cycle.time_series import time_series
from .measured.cycler.reading import read_measurements
from .measured.experiment import measured_rows
from .measured.rows import read_rows
from .model import SolidStateCell, parameter_values
from .own_folder.folder import new_experiment
from .parameter_sets import cells, load_cell
from .protocols import Protocol
from .results.lab_tests import critical_current, pulse_resistance
from .sensitivities import sensitivity
from .simulators import simulate, simulate_many
from .studies.search import search
from .studies.study import Study
from .studies.study_file import load_study, shipped_studies
from .studies.summary import summarise_study
from .studies.what_if import what_if
from .validation import validate

__version__: str

__all__ = [
    "SolidStateCell",
    "Protocol",
    "Study",
    "cells",
    "cluster",
    "compare",
    "critical_current",
    "errors",
    "fit",
    "forecast",
    "impedance",
    "load",
    "load_cell",
    "load_groups",
    "load_study",
    "measured_rows",
    "new_experiment",
    "parameter_values",
    "plots",
    "protocols",
    "pulse_resistance",
    "read_measurements",
    "read_rows",
    "report",
    "save",
    "search",
    "sensitivity",
    "shipped_studies",
    "simulate",
    "simulate_many",
    "studio",
    "summarise",
    "summarise_study",
    "time_series",
    "update",
    "validate",
    "what_if",
]
