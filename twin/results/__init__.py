"""From what a simulator records to the Dataset of a run: one value per cycle, and what happened."""
