"""Studies: what if something were otherwise, and what is best under constraints.

`file` reads a study; `templates` and `factors` are what it varies, `ensemble` what each point of it is
asked, `finished_points` what was computed already; `what_if` goes over a grid, `search` looks for the
best point of `goals`.
"""
