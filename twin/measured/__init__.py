"""What was measured: rows, the runs they belong to, how far equal cells differ, how a run is read."""
