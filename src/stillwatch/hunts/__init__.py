"""Retro-hunt: where indicators were seen in months of sketches, by whom, when and how much."""
