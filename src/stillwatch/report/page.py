"""From a scan to a page: what each section shows, cut to the budget, and the template for it."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment
from markupsafe import Markup

from stillwatch.campaigns.document import Campaign, Link, Member, Scan
from stillwatch.licences.wording import flags, others, warnings
from stillwatch.report import numbers, text, times, words
from stillwatch.report.graph import LAPTOP, PHONE, graph
from stillwatch.report.layout import letter, named
from stillwatch.report.limits import Limits, limits
from stillwatch.report.templating import environment, style
from stillwatch.report.timeline import series, sparkline, timeline
from stillwatch.report.waterfall import Waterfall, waterfall


@dataclass(frozen=True, slots=True)
class Row:
    """A member, and its waterfall where there is room for it."""

    member: Member
    waterfall: Waterfall | None


@dataclass(frozen=True, slots=True)
class Block:
    """A campaign or lead with everything drawn that the page shows of it."""

    campaign: Campaign
    anchor: str
    """Made from the rank, never from the id: ids are not ours."""
    observed: str
    inferred: str
    kept_from: str | None
    """Why it is not reported, if it is not."""
    waterfall: Waterfall
    timeline: Markup
    graph: Markup
    bands: bool
    """Whether bands stand in for threads, because carriers are not named."""
    links: tuple[tuple[str, Link], ...]
    rows: tuple[Row, ...]


def render(scan: Scan) -> str:
    """The report of `scan`: one HTML file that needs nothing else, safe to open and to forward.

    All text of the scan is escaped, and characters that hide or reorder text are shown by number.
    """
    budget = limits(scan)
    page = _environment().get_template("page.html")
    return page.render(
        scan=scan,
        budget=budget,
        style=Markup(style()),  # noqa: S704 - ours, from the package
        headline=words.headline(scan),
        title=words.title(scan),
        sparks=[_spark(scan, c, budget) for c in scan.campaigns[: budget.rows]],
        campaigns=[
            _block(c, f"campaign-{i}", budget, scan)
            for i, c in _first(scan.campaigns, budget.campaigns)
        ],
        leads=[_block(c, f"lead-{i}", budget, scan) for i, c in _first(scan.leads, budget.leads)],
        spared=[(c, waterfall(c.waterfall, c.bits)) for c in scan.spared[: budget.spared]],
    )


def _first(campaigns: tuple[Campaign, ...], most: int) -> enumerate[Campaign]:
    return enumerate(campaigns[:most], start=1)


def _block(campaign: Campaign, anchor: str, budget: Limits, scan: Scan) -> Block:
    links = sorted(
        campaign.links, key=lambda link: (-link.accounts * link.bits, link.kind, link.value)
    )
    drawn = links[: budget.things]
    fine = series(campaign.timeline, budget.bins)
    coarse = series(campaign.timeline, budget.bins // 2)
    return Block(
        campaign=campaign,
        anchor=anchor,
        observed=words.observed(campaign),
        inferred=words.inferred(campaign),
        kept_from=words.kept_from(campaign, scan) if campaign.kept_from else None,
        waterfall=waterfall(campaign.waterfall, campaign.bits),
        timeline=_both(timeline(fine, LAPTOP.width), timeline(coarse, PHONE.width))
        if fine and coarse
        else Markup(""),
        graph=_both(
            graph(campaign, drawn, budget.dots, LAPTOP),
            graph(campaign, drawn, min(budget.dots * 2 // 3, 50), PHONE),
        )
        if drawn and campaign.accounts
        else Markup(""),
        bands=not named(campaign, drawn),
        links=tuple(
            (letter(i) if i < len(drawn) else "", link)
            for i, link in enumerate(links[: budget.links])
        ),
        rows=tuple(
            Row(
                m, waterfall(m.waterfall, m.bits) if m.waterfall and i < budget.waterfalls else None
            )
            for i, m in enumerate(campaign.accounts[: budget.accounts])
        ),
    )


def _both(laptop: Markup, phone: Markup) -> Markup:
    """Two drawings, of which the style sheet shows one: scaling one would shrink its text."""
    return Markup('<div class="wide">{}</div><div class="narrow">{}</div>').format(laptop, phone)


def _spark(scan: Scan, campaign: Campaign, budget: Limits) -> Markup:
    first = scan.reading.first or campaign.first_seen
    last = scan.reading.last or campaign.last_seen
    return sparkline(series(campaign.timeline, budget.bins), first, last)


def _environment() -> Environment:
    made = environment("stillwatch.report")
    made.globals.update(words=words, letter=letter, len=len, min=min)
    made.filters.update(
        signed=numbers.signed,
        rate=numbers.rate,
        tiny=numbers.tiny,
        percent=numbers.percent,
        hundredths=numbers.hundredths,
        probability=numbers.probability,
        odds=numbers.odds,
        span=times.span,
        clip=text.clip,
        shorten=text.shorten,
        chips=text.chips,
        inside=words.inside,
        intent=words.intent,
        template_kind=words.template_kind,
        uncovered=lambda use: (*flags(use), *others(use)),
        near=warnings,
    )
    return made
