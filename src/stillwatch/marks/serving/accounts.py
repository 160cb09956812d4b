"""The keys of a serving engine, and a marker for each request that says whose it is."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stillwatch.complaints import sentence
from stillwatch.errors import NoInputError, UsageError
from stillwatch.marks.examiner import read_secret
from stillwatch.marks.keys import LEVELS, Names, path_of
from stillwatch.marks.marker import Marker
from stillwatch.marks.marking import Marking
from stillwatch.marks.scheme import Scheme
from stillwatch.marks.sealed import Sealed

_ACCOUNT = LEVELS.index("account") + 1


class Settings(BaseModel):
    """Where an engine has its keys.

    sealed: the key of a deployment, sealed to this server, which names the scheme, too; secret:
    the server's own secret key, that opens it; register: a copy of the master's register; coded:
    whether accounts mark with codewords, so that a suspect can be traced to them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sealed: Path
    secret: Path
    copied: Path = Field(alias="register")
    coded: bool = False


class Accounts:
    """Markers for the accounts of one deployment. The master is not needed, and not here."""

    def __init__(self, settings: Settings) -> None:
        sealed = Sealed.load(settings.sealed)
        self._above = sealed.label.key
        if len(path_of(self._above)) != 1:
            raise UsageError(
                f"{settings.sealed}: holds the key {self._above}; an engine marks with that of a "
                "deployment"
            )
        if not settings.copied.is_file():
            raise NoInputError(
                f"{settings.copied}: there is no register; without a copy of it nothing is marked"
            )
        opened = sealed.open(read_secret(settings.secret), [self._above])
        self._marking = Marking(opened.keys[self._above], settings.copied)
        within = sealed.scheme
        self.scheme: Scheme = self._marking.coded(within) if settings.coded else within

    @classmethod
    def of(cls, settings: object) -> Accounts:
        """From settings as an engine hands them over.

        Raises
        ------
        UsageError
            They say not where the keys are, or the key is none that a server marks with.
        NoInputError
            A file is not there.
        FormatError
            What was to be a sealed key is none.
        TamperedError
            The sealed key or the register was changed.
        """
        try:
            return cls(Settings.model_validate(settings))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(("stillwatch", *map(str, first["loc"])))
            raise UsageError(f"{where}: {sentence(first, Settings)}") from None

    def marker(self, account: str) -> Marker:
        """The mark of one response. account: as it is written, `cohort-7/acct-heron`.

        Raises `RevokedError`, `UsageError` or `TamperedError` as `Marking.current` does.
        """
        key = self._marking.current(*names(account))
        return Marker(self.scheme, key.of(self.scheme))


def names(account: str) -> Names:
    """Cohort and account of a text such as `cohort-7/acct-heron`. Raises `UsageError` where it
    has others."""
    path = path_of(f"-/{account}")
    if len(path) != _ACCOUNT:
        raise UsageError("an account is named by its cohort and itself, as cohort-7/acct-heron")
    return path[1:]
