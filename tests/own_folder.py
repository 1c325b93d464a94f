"""A user's own folder of rows: a symmetric cell of shipped parts, two rows to fit and one held out."""

from pathlib import Path

import tomli_w
from own_cell import CELL

PROTOCOL = "0.1 mA/cm2, 0.1 mAh/cm2"
"""What was done to the cell, in the words of its rows."""
HEADER = (
    "id,cell,settings,protocol,at,observable,value,unit,kind,role,where,note,cycle,time [h],specimen"
)
ROWS = (
    f'M1,mine,,"{PROTOCOL}",,cell overpotential,0.12,V,value,fit,lab book,,5,,one',
    f'M2,mine,,"{PROTOCOL}",,cell overpotential,0.19,V,value,fit,lab book,,20,,one',
    f'M3,mine,,"{PROTOCOL}",,cell overpotential,0.2,V,value,validate,lab book,,20,,two',
)
"""The rows of the file."""
SPREAD = {
    "observable": {"cell overpotential": {"scatter": 0.1, "cell": 0.2, "source": "assumed"}},
    "parameter": {"Interface resistance factor": {"ln_sd": 0.25, "source": "assumed"}},
}


def write_folder(folder: Path, *, rows=ROWS, spread=SPREAD, cell=CELL, priors=None) -> Path:
    """Write the files of a folder and give its path; `priors` are the fits that priors.toml names."""
    folder.mkdir(parents=True, exist_ok=True)
    steps = ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"]
    files = {
        "mine.toml": cell,
        "protocols.toml": {PROTOCOL: {"cycles": 20, "steps": steps}},
        "spread.toml": spread,
    }
    if priors is not None:
        files["priors.toml"] = {"fits": priors}
    for name, content in files.items():
        (folder / name).write_text(tomli_w.dumps(content), encoding="utf-8")
    (folder / "rows.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return folder
