"""The evaluator: any predictions against gold, by entity and corpus, next to stock Presidio.

`python -m bench.eval --help`; `make eval` runs the whole comparison and writes bench/results/.
Nothing here prints or stores a text of the data: misses are listed by place (DESIGN law 6).
"""
