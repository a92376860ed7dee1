"""How fast it is, against the same thing done directly or against a limit, measured in one run: `python -m
benchmarks`."""
