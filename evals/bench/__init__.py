"""Benchmarks as ratios: each round of a run measures the thing and its yardstick side by side.

Absolute times say more about the machine and its other users than about the program; a ratio taken
within one round survives both. Nothing is asserted: the figures are stored and shown.
"""
