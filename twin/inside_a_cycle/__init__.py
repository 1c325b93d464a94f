"""Inside chosen cycles of a run: its whole state, its curves, its impedance."""
