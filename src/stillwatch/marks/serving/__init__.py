"""Marks in serving engines. Each module needs its engine, and the rest of the package none."""
