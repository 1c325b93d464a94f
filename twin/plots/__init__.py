"""Pictures: a Dataset comes in, matplotlib Axes (of several panels: the Figure) go out.

Nothing here simulates. Units stand on every axis, colours are safe for colour-blind eyes.
"""

from twin.plots.capacity import check_up_capacity, rate_capability, storage_retention
from twin.plots.fit import prior_posterior, traded_pairs
from twin.plots.fit_figures import FIT_PICTURES, fit_figures
from twin.plots.following import narrowing
from twin.plots.forecast import forecast_figure
from twin.plots.impedance import nyquist
from twin.plots.interfaces import interface_states
from twin.plots.measurements import measurements
from twin.plots.onset import onset_map
from twin.plots.pareto import pareto_front
from twin.plots.predictive import predictive_checks
from twin.plots.pulses import pulse_resistances
from twin.plots.ramp import current_ramp, plating_curve, short_by_current
from twin.plots.resistance import resistance_breakdown
from twin.plots.retention import measured_points, retention_fan, retention_line
from twin.plots.saving import KINDS, Drawn, data_uri, save_figure
from twin.plots.sensitivity import sensitivity_bars
from twin.plots.shorts import alive_curve, short_probability, survival_curve
from twin.plots.study import STUDY_PICTURES, answers_of, study_figures
from twin.plots.validation import predicted_against_measured, validation_figure
from twin.plots.voltage import voltage_curves
from twin.plots.what_if import what_if_lines

__all__ = [
    "retention_fan",
    "retention_line",
    "measured_points",
    "alive_curve",
    "short_probability",
    "survival_curve",
    "forecast_figure",
    "narrowing",
    "voltage_curves",
    "current_ramp",
    "short_by_current",
    "plating_curve",
    "rate_capability",
    "check_up_capacity",
    "storage_retention",
    "pulse_resistances",
    "resistance_breakdown",
    "interface_states",
    "onset_map",
    "what_if_lines",
    "nyquist",
    "measurements",
    "predicted_against_measured",
    "validation_figure",
    "prior_posterior",
    "traded_pairs",
    "predictive_checks",
    "pareto_front",
    "sensitivity_bars",
    "study_figures",
    "answers_of",
    "STUDY_PICTURES",
    "fit_figures",
    "FIT_PICTURES",
    "KINDS",
    "Drawn",
    "save_figure",
    "data_uri",
]
