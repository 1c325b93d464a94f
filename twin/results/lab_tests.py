"""What the tests of a laboratory say: critical current density and charge, resistance by pulses.

>>> run = twin.simulate(cell, twin.protocols.critical_current_density())
>>> twin.critical_current(run)["critical_current_density"]
"""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from twin.errors import ObservationError
from twin.results.intervals import MEDIAN, answers, chance_interval, interval, worth_of
from twin.results.lab_test_forms import PULSES, RAMP
from twin.results.quantities import FORECASTS, LAB_TESTS, RESULTS
from twin.results.record import REST_CURRENT_DENSITY


def critical_current(data: xr.Dataset) -> xr.Dataset:
    """At which current density, and after which charge, a cell shorts.

    A cell shorts in the first cycle of which more than a fortieth of the charge leaks
    (``short_circuit_onset_cycle``): where the voltage of a real ramp drops. A hard short may come much
    later.

    The run of every symmetric cell holds `critical_current_density` and `cumulative_charge`, so that a
    study can ask for them too. This adds what is known of a ramp beyond them.

    Parameters
    ----------
    data : what :func:`twin.simulate` or :func:`twin.forecast` gave
        Of :func:`twin.protocols.critical_current_density`, or of
        :func:`twin.protocols.one_way_plating` for the charge.

    Returns
    -------
    xarray.Dataset
        Of a run numbers, of a forecast over (draw,): `critical_current_density` [A/m2], at which the
        short appears; `sustained_current_density` [A/m2], the highest before it; `cumulative_charge`
        [mA.h/cm2], passed by both half-cycles of all cycles up to and with the one that shorts. NaN is
        no short within the run; of the sustained one it is a short in the first cycle.

        Of a forecast also their 5, 50 and 95 % quantiles over (quantile,), `…_interval`, infinite where
        that share of the cells never shorts; and over (current_density,) the chance of a short up to
        it, `short_circuit_probability` [1], with `short_circuit_probability_interval`
        (:func:`twin.results.intervals.chance_interval`). Draws without an answer are left out of both.

    Raises
    ------
    DatasetError : no run and no forecast of a symmetric cell.

    References
    ----------
    Sharafi, Meyer, Nanda, Wolfenstine and Sakamoto 2016, J. Power Sources 302, 135: the critical current
    density is the one at which the voltage drops.
    """
    RAMP.check(data)
    cycle, onset = data["cycle"], data["short_circuit_onset_cycle"]
    current = data["half_cycle_current_density"]
    last = cycle.where(current.notnull()).max("cycle")
    failed = onset.fillna(last.where(data["outcome"] == "overpotential_limit", np.inf))
    found = xr.Dataset(
        {
            "critical_current_density": data["critical_current_density"],
            "sustained_current_density": current.where(cycle < failed).max("cycle"),
            "cumulative_charge": data["cumulative_charge"],
            "outcome": data["outcome"],
        },
        attrs=data.attrs,
    ).drop_vars("cycle", errors="ignore")
    if "draw" in current.dims:
        found = found.merge(_distribution(found, np.unique(current.values[~np.isnan(current.values)])))
    for name, quantity in {**RESULTS, **FORECASTS, **LAB_TESTS}.items():
        for own in {name, f"{name}_interval"} & set(map(str, found.variables)):
            found[own].attrs = quantity.attributes
    return found


def _distribution(found: xr.Dataset, currents: np.ndarray) -> xr.Dataset:
    """What the draws say together; `currents` [A/m2] are those of the ramp, rising."""
    intervals = {
        f"{name}_interval": interval(found, name)
        for name in ("critical_current_density", "cumulative_charge")
    }
    across = xr.DataArray(currents, dims="current_density", coords={"current_density": currents})
    shorted = (found["critical_current_density"] <= across).where(answers(found))
    chance = chance_interval(shorted, worth_of(found))
    return xr.Dataset(
        intervals
        | {
            "short_circuit_probability": chance.sel(quantile=MEDIAN, drop=True),
            "short_circuit_probability_interval": chance,
        }
    )


def pulse_resistance(series: xr.Dataset) -> xr.Dataset:
    """Resistance against the state of charge, from the pulses of a full cell.

    A pulse is a step with current after one without.

    Parameters
    ----------
    series : what :func:`twin.time_series` gave
        Of :func:`twin.protocols.gitt` or :func:`twin.protocols.hppc`, or of a protocol of one's own.

    Returns
    -------
    xarray.Dataset over (pulse,)
        `instantaneous_resistance` and `pulse_resistance` [Ohm m2]: the change of the voltage, at the
        first point of the pulse and at its last, over the current density. The change of the
        open-circuit voltage is taken out, which a long pulse makes. `state_of_charge` [1] at the start
        of the pulse, `current_density` [A/m2] (positive discharges), `pulse_duration` [s], `cycle`.

    Raises
    ------
    DatasetError : no time series of a full cell.
    ObservationError : no pulse in it.

    References
    ----------
    Christophersen 2015, Battery Test Manual for Electric Vehicles, INL/EXT-15-34184, section 3.4.
    """
    PULSES.check(series)
    pulses = [
        {"cycle": float(cycle)} | pulse
        for cycle in series["cycle"].values
        for pulse in _pulses(series.sel(cycle=cycle).dropna("point", subset=["time"]))
    ]
    if not pulses:
        raise ObservationError(
            "this time series has no pulse, a step with current after one without; twin.protocols.gitt "
            "and twin.protocols.hppc have"
        )
    found = xr.Dataset(attrs=series.attrs)
    for name in pulses[0]:
        quantity = RESULTS[name] if name == "cycle" else LAB_TESTS[name]
        found[name] = ("pulse", np.array([pulse[name] for pulse in pulses]), quantity.attributes)
    return found


def _pulses(cycle: xr.Dataset) -> Iterator[dict[str, float]]:
    """What each pulse of one cycle says."""
    step, current = cycle["step"].values, cycle["current_density"].values
    volts = cycle["voltage"].values - cycle["open_circuit_voltage"].values
    starts = np.flatnonzero(np.diff(step)) + 1
    for start, end in zip(starts, [*starts[1:], len(step)], strict=True):
        density, before = current[end - 1], current[start - 1]
        if abs(density) > REST_CURRENT_DENSITY >= abs(before):
            yield {
                "state_of_charge": float(cycle["state_of_charge"].values[start]),
                "current_density": float(density),
                "pulse_duration": 3600 * float(np.ptp(cycle["time"].values[start:end])),
                "instantaneous_resistance": abs((volts[start] - volts[start - 1]) / density),
                "pulse_resistance": abs((volts[end - 1] - volts[start - 1]) / density),
            }
