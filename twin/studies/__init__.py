"""Studies: what if something were otherwise, and what is best under constraints.

In the order of the data: `templates` and `factors` are what varies, `point` is one point of them, run
on the `common_draws`; `grid` has the points of a what-if and `question` what a search is after; `study`
is what is asked, as a `study_file` or a call says it, and `on_draws` what all its points run on.
`what_if` goes over the grid and keeps `finished_points`, `arriving` hands each over as it comes,
`summary` says what came out; `search` looks for the best of its `evaluations`.
"""
