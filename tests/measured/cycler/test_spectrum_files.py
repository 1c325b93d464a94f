"""Spectra in files: either sign of the imaginary part, by area where it is known."""

import numpy as np
import pytest

import twin
from twin.errors import MeasurementError

FREQUENCY = np.array([1e5, 1e4, 1e3, 1e2, 1e1, 1e0])
OHMIC, ARC = 10.0, 30.0
IMPEDANCE = OHMIC + ARC / (1 + 2j * np.pi * FREQUENCY * ARC * 1e-6)


def written(path, header, *, sign=1, order=1, factor=1.0):
    rows = [
        f"{f},{z.real * factor},{sign * z.imag * factor}"
        for f, z in zip(FREQUENCY[::order], IMPEDANCE[::order], strict=True)
    ]
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


@pytest.mark.parametrize(
    ("header", "sign", "order", "factor"),
    [
        ("freq/Hz,Re(Z)/Ohm,-Im(Z)/Ohm", -1, 1, 1.0),
        ("freq/Hz,Re(Z)/Ohm,Im(Z)/Ohm", -1, 1, 1.0),  # drawn, and not said to be
        ("Frequency [Hz],Z_Re [Ohm],Z_Im [Ohm]", 1, -1, 1.0),
        ("frequency_hertz,real_impedance_ohm,imaginary_impedance_ohm", 1, 1, 1.0),
        ("f (Hz),Z' (kOhm),Z'' (kOhm)", 1, 1, 1e-3),
    ],
)
def test_capacities_are_negative_and_frequencies_fall(header, sign, order, factor, tmp_path):
    path = written(tmp_path / "eis.csv", header, sign=sign, order=order, factor=factor)
    data = twin.read_measurements(path, area="2 cm2")
    np.testing.assert_allclose(data["frequency"], FREQUENCY)
    found = data["impedance_real"] + 1j * data["impedance_imag"]
    np.testing.assert_allclose(found, IMPEDANCE * 2e-4, rtol=1e-9)  # Ohm m2 of two square centimetres
    assert ("turned round once" in data["notes"].item()) == (sign < 0)


def test_resistances_are_where_the_arc_begins_and_ends(tmp_path):
    data = twin.read_measurements(written(tmp_path / "eis.csv", "freq/Hz,Re(Z)/Ohm,Im(Z)/Ohm"))
    # at 100 kHz and 1 Hz the arc is within 1 % of its ends
    assert data["high_frequency_resistance"].item() == pytest.approx(OHMIC, rel=0.01)
    assert data["total_resistance"].item() == pytest.approx(OHMIC + ARC, rel=0.01)
    assert data["impedance_real"].attrs["units"] == "Ohm"
    assert "area is not known" in data["notes"].item()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("freq/Hz,Re(Z)/Ohm,Im(Z)/Ohm\n1,1,-1\n1,2,-1\n", "a frequency stands twice"),
        ("freq/Hz,Re(Z)/Ohm,Im(Z)/Ohm\nx,1,-1\n", "no row has a frequency"),
        ("freq/Hz,Re(Z)/Ohm,Im(Z)/Ohm\n", "has a header and no rows"),
        ("freq/Hz,Re(Z),Im(Z)\n1,1,-1\n", r"'Re\(Z\)' has no unit"),
        (
            "freq/Hz,Re(Z)/Ohm.cm2,Im(Z)/Ohm.cm2\n1,1,-1\n",
            r"is by area \(Ohm.cm2\); say the electrode's",
        ),
    ],
)
def test_a_wrong_spectrum_is_answered(text, message, tmp_path):
    (tmp_path / "eis.csv").write_text(text)
    with pytest.raises(MeasurementError, match=message):
        twin.read_measurements(tmp_path / "eis.csv")
