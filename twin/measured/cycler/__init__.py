"""Files of cyclers: what they hold, in the form of a run's Dataset.

The order of the data: a file is a `raw_table` of columns, whose `headers` are `terms` of the field;
`points` are its rows in the twin's units and sign; `steps` follow each other in `cycles`; `short` and
`recovered_protocol` are told by them, and `series` is the Dataset of all that. A `cycle_table` and a
`spectrum` are files of another kind. `reading` is what a user calls.
"""
