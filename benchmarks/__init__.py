"""Benchmarks: each measures against the plain tool in the same run. `make bench` runs them all."""
