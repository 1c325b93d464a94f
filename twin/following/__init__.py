"""A twin that follows its cell: what is known of one cell, narrowed as its cycles arrive."""
