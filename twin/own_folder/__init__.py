"""A folder of one's own to start from: cell, parts, protocols, spread, rows and a place for files."""
