"""The exceptions a caller of Stillwatch can catch, and the exit code each one becomes."""

from __future__ import annotations


class StillwatchError(Exception):
    """Root of everything Stillwatch raises on purpose.

    The message says what was wrong, where, and what to do about it; the command line prints it
    as it is, without a traceback.
    """

    exit_code = 1


class UsageError(StillwatchError):
    """An argument does not make sense, or a file that says how to work: settings, weights, rules,
    a mapping, a scenario. One that is not there makes none.
    """

    exit_code = 2


class NoInputError(StillwatchError):
    """The paths given hold nothing to read: no logs, no results of a scan, no other data."""

    exit_code = 3


class FormatError(StillwatchError):
    """An input is not in any known format, or not in the one that was named."""

    exit_code = 4


class InputError(StillwatchError):
    """Input was found and recognised, but not one record in it could be used."""

    exit_code = 5


class OutputError(StillwatchError):
    """The output directory cannot be written, or another process holds it."""

    exit_code = 6


class EndpointError(StillwatchError):
    """An endpoint cannot be reached, does not want to answer, or answers what is no answer."""

    exit_code = 7


class TamperedError(StillwatchError):
    """A log, register, sealed key or proof is not as it was written."""

    exit_code = 8


class RevokedError(UsageError):
    """A key that was revoked was to mark."""
