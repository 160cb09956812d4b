"""Marks that serving engines write by themselves, with one key for the engine: to detect, given it.

Their pseudorandom functions are weaker than ours, and their p-values are as good as those are.
"""
