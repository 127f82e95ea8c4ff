"""How fast, on what, against whom: `python -m bench.speed --help`."""
