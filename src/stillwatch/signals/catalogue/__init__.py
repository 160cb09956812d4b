"""The signals, one a file. To add one, add a file with a `SIGNAL`."""
