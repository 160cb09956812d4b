"""`campaigns.json`: what a scan found, as one versioned document.

The report page, the notebook API and the stages to come read this and nothing else.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stillwatch.complaints import sentence
from stillwatch.errors import FormatError, NoInputError
from stillwatch.licences.document import LicenceUse

SCHEMA_ID = "stillwatch.campaigns/1"

Verdict = Literal["campaign", "lead", "spared"]
Bar = Literal["fdr", "account_fpr", "probability"]
Change = Literal["new", "continued", "returned", "grown", "lost_accounts", "merged", "split"]
"""What became of a group since the scan before. One of the first three is always true."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Weight(_Part):
    """One bar of a waterfall: what one signal says, in bits (log2 of a Bayes factor)."""

    signal: str = Field(description="Name of the signal.")
    title: str = Field(description="What the signal measures, in a few words.")
    group: str = Field(description="Signals of one group are dependent; their sum is capped.")
    value: float | None = Field(description="The value measured; null where it could not be.")
    reading: str = Field(description="The value in words.")
    bits: float = Field(
        description="Weight after the cap of its group. Negative speaks for innocence."
    )


class Member(_Part):
    """An account of a campaign."""

    account: str
    bits: float = Field(description="Weight of the evidence that the account takes part, in bits.")
    exchanges: int = Field(
        description="Exchanges of the account in the window, but for those that a licence covers."
    )
    licensed: int = Field(
        default=0, description="Its exchanges in the window that a licence covers: no evidence."
    )
    harvest_exchanges: int = Field(description="Those of them attributed to the campaign.")
    first_seen: datetime
    last_seen: datetime
    waterfall: tuple[Weight, ...] = Field(
        default=(), description="Of the first hundred members of a campaign or lead; else empty."
    )


class Link(_Part):
    """A rare thing that accounts of the campaign share."""

    kind: str = Field(description="Name of the link signal.")
    title: str
    value: str = Field(description="The shared value; hashes as 16 hex digits.")
    accounts: int = Field(description="Accounts of the campaign that carry it.")
    accounts_elsewhere: int = Field(description="Accounts outside the campaign that carry it.")
    bits: float = Field(description="How surprising it is that two accounts share it, in bits.")
    members: tuple[str, ...] = Field(
        default=(), description="Accounts of the campaign that carry it; at most 200 are named."
    )


class Template(_Part):
    """A template family the campaign writes from."""

    kind: str = Field(description="`system_template`, `head`, `tail` ...")
    template: str = Field(description="The hash, as 16 hex digits.")
    example: str | None = Field(description="The text with its variable parts masked.")
    accounts: int
    exchanges: int


class Count(_Part):
    name: str
    exchanges: int


class Moment(_Part):
    time: datetime = Field(description="Start of the interval.")
    exchanges: int
    accounts: int


class Innocence(_Part):
    """An innocent explanation that was weighed."""

    family: str = Field(description="The kind of innocents.")
    title: str
    bits: float = Field(description="Bits for the campaign and against this explanation.")


class Licensed(_Part):
    """What a licence covers of what the accounts of a campaign did; no evidence against them."""

    licence: str = Field(description="Id of the licence.")
    holder: str
    accounts: int = Field(description="Accounts of the campaign of which it covers something.")
    covered: int = Field(description="Exchanges of these that it covers.")
    exchanges: int = Field(
        description="All exchanges of the campaign's accounts in the window, licensed or not."
    )


class Past(_Part):
    """What a group was before, and what became of it."""

    changes: tuple[Change, ...] = Field(description="In short: all that happened to it.")
    known_since: datetime = Field(
        description="Last exchange of the first scan that gave a group this id."
    )
    reported_since: datetime | None = Field(
        description="The same of the first scan that reported it as a campaign; null if none did."
    )
    was: Verdict | None = Field(description="Its verdict when it was last seen; null if new.")
    gained: int = Field(description="Accounts that were not in it when it was last seen.")
    lost: int = Field(description="Accounts that were in it then and are not now.")
    merged: tuple[str, ...] = Field(
        default=(), description="Ids of earlier groups that went into it and are no more."
    )
    split_from: tuple[str, ...] = Field(
        default=(), description="Ids of earlier groups of which it holds a part that split off."
    )
    split_into: tuple[str, ...] = Field(
        default=(), description="Ids of the groups that hold parts of what it was."
    )


class Further(_Part):
    """The one thing not known of a group that would decide most, if it were known.

    What is uncertain is whether the group is a harvest: the entropy of its probability, in bits.
    """

    signal: str = Field(description="Name of the group signal that would be measured.")
    title: str
    missing: tuple[str, ...] = Field(
        description="Columns it needs that the traffic does not carry. None missing: the group "
        "has done too little for it, and more of its traffic would tell."
    )
    information: float = Field(
        description="Bits of what is uncertain that it is expected to settle."
    )
    share: float = Field(description="The same as a share of all that is uncertain.")
    changes: float = Field(description="Probability that the verdict would be another.")
    least: float = Field(description="Smallest weight it could have, in bits.")
    most: float = Field(description="Largest weight it could have, in bits.")


class Campaign(_Part):
    """A group of accounts that act together, with all that speaks for and against a harvest."""

    id: str
    verdict: Verdict
    bits: float = Field(description="Total weight, prior included, in bits.")
    probability: float = Field(description="Posterior probability of a harvest, from the bits.")
    q_value: float = Field(description="False discovery rate at which it would just be reported.")
    account_fpr: float = Field(
        description="Account false positive rate at which it would just be reported: the share of "
        "all accounts that would be flagged in the mean, though innocent, if groups of its size "
        "were reported that are as surprising."
    )
    kept_from: tuple[Bar, ...] = Field(
        default=(),
        description="What keeps it from being reported: the setting `fdr`, the setting "
        "`account_fpr`, or that a campaign's probability must be at least 0.5. None of a campaign.",
    )
    first_seen: datetime
    last_seen: datetime
    exchanges: int = Field(
        description="Exchanges attributed to the campaign; of a spared group, all of its accounts'."
    )
    account_count: int
    models: tuple[Count, ...] = ()
    intents: tuple[Count, ...] = ()
    waterfall: tuple[Weight, ...] = ()
    innocents: tuple[Innocence, ...] = Field(
        default=(), description="Innocent explanations, the best fitting first."
    )
    links: tuple[Link, ...] = ()
    templates: tuple[Template, ...] = ()
    timeline: tuple[Moment, ...] = ()
    accounts: tuple[Member, ...] = ()
    licensed: tuple[Licensed, ...] = Field(
        default=(), description="Licences that cover a part of what its accounts did."
    )
    past: Past | None = Field(default=None, description="Null where no earlier scan was given.")
    further: Further | None = Field(
        default=None,
        description="Of campaigns and leads; null where nothing further could be measured.",
    )


class Remembered(_Part):
    """An account of a campaign that is not seen."""

    account: str
    bits: float = Field(description="Weight of the evidence that it took part, in bits.")


class Dormant(_Part):
    """A campaign or lead of an earlier scan that no group of this one follows."""

    id: str
    verdict: Verdict = Field(description="When it was last seen.")
    known_since: datetime
    reported_since: datetime | None
    last_seen: datetime = Field(description="Its last exchange.")
    accounts: tuple[Remembered, ...] = Field(description="By which it would be known again.")


class Skipped(_Part):
    """A signal that could not be measured."""

    signal: str
    title: str
    missing: tuple[str, ...] = Field(description="Columns the traffic does not carry.")


class Reading(_Part):
    """What was read."""

    files: int
    exchanges: int
    accounts: int
    duplicates: int = Field(
        description="Exchanges set aside because their account had one of the same id before."
    )
    shared_ids: int = Field(
        default=0,
        description="Exchanges that count although another account has one of the same id.",
    )
    rejected: dict[str, int] = Field(description="Records set aside, by reason.")
    unread: dict[str, int] = Field(
        default_factory=dict,
        description="Fields of records that mean nothing here, and how many files have each: a "
        "misspelled name is among them.",
    )
    unmatched: dict[str, str] = Field(
        default_factory=dict,
        description="Columns of the mapping at whose path no record had anything, and that path.",
    )
    gone: int = Field(
        default=0,
        description="Exchanges of these files that are not there any more: expired, or erased.",
    )
    licensed: int = Field(
        default=0, description="Exchanges that a licence covers; they are among `exchanges`."
    )
    first: datetime | None
    last: datetime | None


class Scan(_Part):
    """The whole document."""

    schema_id: str = Field(default=SCHEMA_ID, alias="schema")
    version: str = Field(description="Version of Stillwatch that wrote it.")
    made: datetime
    since: datetime | None = Field(
        default=None, description="Start of the window that was looked at; null if it was open."
    )
    until: datetime | None = Field(default=None, description="Its end, exclusive.")
    reading: Reading
    fdr: float = Field(description="False discovery rate at which campaigns are reported.")
    account_fpr: float = Field(
        description="Share of innocent accounts that may be flagged in the mean."
    )
    expected_false: float = Field(
        description="Expected false campaigns among those reported: how many they are, times the "
        "largest of their q-values."
    )
    weighed: int = Field(description="Groups that were weighed, for which q-values are adjusted.")
    campaigns: tuple[Campaign, ...]
    leads: tuple[Campaign, ...] = Field(description="Not certain enough to report; worth a look.")
    spared: tuple[Campaign, ...] = Field(description="Groups weighed and found innocent.")
    after: datetime | None = Field(
        default=None, description="When the scan was made that this one follows; null if none."
    )
    dormant: tuple[Dormant, ...] = Field(
        default=(), description="Campaigns and leads of earlier scans that this one does not see."
    )
    skipped: tuple[Skipped, ...] = ()
    licences: tuple[LicenceUse, ...] = Field(
        default=(), description="How far the licences that the scan was given were used in it."
    )
    config: dict[str, Any] = Field(default_factory=dict, description="Settings of the scan.")
    weights_version: int = Field(
        default=0,
        description="Of the weights: lessons learned and forgotten since they were fitted.",
    )

    @property
    def reported(self) -> tuple[Campaign, ...]:
        """The campaigns and the leads."""
        return (*self.campaigns, *self.leads)

    @property
    def groups(self) -> tuple[Campaign, ...]:
        """The campaigns, the leads, and the groups that were spared and are shown."""
        return (*self.reported, *self.spared)

    def group(self, id: str) -> Campaign | None:
        """The campaign, lead or spared group of an id, if there is one."""
        return next((group for group in self.groups if group.id == id), None)


def json_schema() -> dict[str, Any]:
    """JSON Schema of `campaigns.json`."""
    return {"$id": f"urn:{SCHEMA_ID.replace('/', ':')}", **Scan.model_json_schema(by_alias=True)}


class _Head(BaseModel):
    schema_id: str = Field(alias="schema")
    version: str


def load(path: Path, advice: str = "scan again with this version") -> Scan:
    """The document at `path`; `advice` ends the message where it is not one.

    Raises
    ------
    NoInputError, FormatError
        It is not there, or no document of this release.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise NoInputError(f"{path}: not there; run `stillwatch scan` first") from None
    except OSError as error:
        raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        head = _Head.model_validate_json(text)
        if head.schema_id == SCHEMA_ID:
            return Scan.model_validate_json(text)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"]) or "file"
        raise FormatError(
            f"{path}: not a campaigns document of this version "
            f"({place}: {sentence(error.errors()[0], Scan)}); {advice}"
        ) from None
    raise FormatError(
        f"{path}: is {head.schema_id}, written by Stillwatch {head.version}, but {SCHEMA_ID} is "
        f"needed; {advice}"
    )
