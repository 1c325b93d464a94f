"""From measured rows to parameter values and what the rows leave open of them."""
