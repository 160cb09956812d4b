"""Version of the sketch's format."""

SKETCH_VERSION = 1
"""Raised by any change that gives some text another hash, mask, word, topic, language or
intent, a new `intents.npz` among them. Part of the cache key: sketches of different versions are
not compared."""
