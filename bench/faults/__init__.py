"""Faults at every point of every operation of the vault, and whether its promises hold.

    python -m bench.faults sweep | powercut | syncs | races | tamper      (--help says more)

`operations` lists what is tried, `verdict` says how it is judged; both are the same for every tool.
Nothing here is part of the product: the process under test runs the product as it is. The short
forms are in `tests/faults`, with the thief, the lost keys and the wrong clock.
"""
