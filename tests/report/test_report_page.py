"""What a reader finds on the page."""

from __future__ import annotations

import doctest
import re
from importlib import import_module

import pytest
from example import scan
from reading import Reading

from stillwatch.campaigns.document import Campaign, Scan
from stillwatch.report import numbers, render
from stillwatch.report.words import decides, further, inside, listed

PAGE = Reading(render(scan()))


def empty(**changes: object) -> Scan:
    return scan().model_copy(update={"campaigns": (), "leads": (), "spared": (), **changes})


def test_the_headline_says_how_many_and_how_many_of_them_are_false() -> None:
    assert "2 campaigns found among 4,012 accounts; about 0.02 of them expected" in PAGE.text


def test_every_campaigns_id_bits_and_q_value_appear() -> None:
    for campaign in (*scan().campaigns, *scan().leads):
        assert campaign.id in PAGE.text
        assert numbers.bits(campaign.bits) in PAGE.text
        assert numbers.rate(campaign.q_value) in PAGE.text


def test_what_was_read_and_what_was_set_aside_is_stated() -> None:
    for said in ("1,204,833", "28 files", "1,630 records rejected", "1,911 duplicates"):
        assert said in PAGE.text
    for reason, n in scan().reading.rejected.items():
        assert f"{reason} {n:,}" in PAGE.text


def test_every_weight_of_a_campaign_is_named_with_its_bits_and_reading() -> None:
    for campaign in scan().campaigns:
        for weight in campaign.waterfall:
            assert weight.title in PAGE.text
            if weight.bits:
                assert weight.reading in PAGE.text
                assert numbers.signed(weight.bits) in PAGE.text


def test_every_link_says_who_shares_it_here_and_elsewhere() -> None:
    for campaign in scan().campaigns:
        for link in campaign.links:
            assert link.value in PAGE.text
            whole = campaign.account_count
            assert f"{link.accounts} of {whole} {link.accounts_elsewhere}" in PAGE.text


def test_every_innocent_explanation_is_weighed_in_words() -> None:
    assert "A company's nightly evaluation suite fits 9.1 bits worse than a harvest" in PAGE.text
    assert "A coding agent in a small company fits 0.4 bits better than a harvest" in PAGE.text


def test_a_spared_group_says_why_it_was_spared() -> None:
    assert "Best explained as a class of students on one exercise" in PAGE.text
    assert "−6.2 Shards of one work queue every account sent the same 24 prompts" in PAGE.text


def test_skipped_signals_name_the_columns_that_were_missing() -> None:
    for skipped in scan().skipped:
        assert skipped.title in PAGE.text
        for column in skipped.missing:
            assert column in PAGE.text


def test_masks_are_chips_and_the_text_around_them_is_kept() -> None:
    assert '<span class="chip">⟨name⟩</span>. Think step by step' in render(scan())


def test_what_became_of_a_campaign_since_the_scan_before_is_said() -> None:
    for said in (
        "Known since 4 May 2026, 04:12 UTC, reported since 5 May 2026, 04:12 UTC. In the scan "
        "before it was a campaign; 6 accounts joined and 1 account left since. "
        "It took in cmp-90aa17f2.",
        "New since the scan before. It holds a part of cmp-6f20be11.",
        "When last seen it was a lead; 1 account joined since. The scan before did not see it. "
        "Parts of it are now cmp-5b000000, cmp-5b000001, cmp-5b000002, cmp-5b000003, cmp-5b000004 "
        "and 2 more.",
    ):
        assert said in PAGE.text


def test_a_first_scan_says_nothing_of_the_past() -> None:
    first = scan().campaigns[0].model_copy(update={"past": None})
    text = Reading(render(empty(campaigns=(first,), dormant=()))).text
    assert "scan before" not in text
    assert "not by this scan" not in text


def test_campaigns_that_are_not_seen_are_listed() -> None:
    assert "1 campaign or lead of earlier scans" in PAGE.text
    assert "cmp-51eeb0a7 a lead 4 3 May 2026, 00:00" in PAGE.text


def test_what_would_decide_most_is_said_with_its_worth() -> None:
    assert "the group has done too little for it yet. It could weigh" in PAGE.text
    assert "would change the verdict with a probability of 34%." in PAGE.text


def test_of_what_is_reported_a_further_fact_is_told_only_if_it_could_undo_it() -> None:
    (sure,) = (c for c in scan().campaigns if c.further)
    assert sure.further is not None
    assert sure.further.changes == 0
    assert f"“{inside(sure.further.title)}”" not in PAGE.text
    undone = sure.model_copy(update={"further": sure.further.model_copy(update={"changes": 0.02})})
    assert decides(undone)
    assert decides(sure.model_copy(update={"verdict": "lead"}))
    assert further(sure.further) == (
        "What would decide most is “shared TLS fingerprint”, which was not measured: the log "
        "carries no tls_fingerprint. It could weigh from −1.5 to +2.8 bits, would be expected to "
        "settle 3% of what is uncertain, and would not change the verdict by itself, whatever it "
        "said."
    )


def test_people_behind_mixed_accounts_are_pointed_out() -> None:
    assert "7 accounts made most of their exchanges outside the campaign" in PAGE.text


def test_the_sections_come_in_the_order_of_use() -> None:
    order = (
        "Campaigns, the surest first",
        "Campaign 1 of 2",
        "Campaign 2 of 2",
        "Leads 1 group",
        "Lookalikes considered",
        "What this scan could not see",
        "How to read this",
    )
    places = [PAGE.text.index(heading) for heading in order]
    assert places == sorted(places)


def test_a_scan_that_found_nothing_says_what_that_means_and_what_not() -> None:
    text = Reading(render(empty())).text
    assert "No campaign found among 4,012 accounts." in text
    assert "What it does not mean: that nobody harvests the model." in text


def test_an_empty_scan_reads_as_a_sentence() -> None:
    nothing = scan().reading.model_copy(
        update={"files": 1, "exchanges": 0, "accounts": 0, "first": None, "last": None}
    )
    text = Reading(render(empty(reading=nothing))).text
    assert "Nothing was found, because nothing was read." in text
    assert "This says nothing about whether anybody harvests the model." in text


def test_a_campaign_with_the_least_a_document_may_say_is_still_a_page() -> None:
    optional = [n for n, f in Campaign.model_fields.items() if f.default == ()]
    bare = scan().campaigns[0].model_copy(update=dict.fromkeys(optional, ()))
    text = Reading(render(empty(campaigns=(bare,), spared=(bare,)))).text
    assert "1 campaign found" in text
    assert bare.id in text


def test_the_same_scan_always_gives_the_same_page() -> None:
    assert render(scan()) == render(scan())


def test_where_titles_have_commas_semicolons_part_them() -> None:
    assert listed(["Pace, of its accounts", "Countries"]) == "Pace, of its accounts; and Countries"
    # Commas in brackets or in numbers part nothing.
    assert listed(["a (1, 2)", "1,234 others"]) == "a (1, 2) and 1,234 others"
    assert listed(["a", "1,234 others", "b"]) == "a, 1,234 others and b"


MANY_OF_ONE = re.compile(
    r"(?<![\d,])1 (more )?(accounts|exchanges|campaigns|leads|records|files|groups|characters|lines"
    r"|reasons|duplicates)\b"
)


def test_one_of_a_thing_is_not_written_as_many() -> None:
    assert not MANY_OF_ONE.search(PAGE.text)


def test_one_of_everything_is_not_written_as_many() -> None:
    made = scan()
    member = made.campaigns[0].accounts[0].model_copy(update={"exchanges": 1, "account": "W" * 65})
    template = (
        made.campaigns[0]
        .templates[0]
        .model_copy(update={"accounts": 1, "exchanges": 1, "example": "\n".join("abcdefghijklm")})
    )
    one = made.campaigns[0].model_copy(
        update={
            "accounts": (member,), "account_count": 2, "exchanges": 1, "templates": (template,),
        }
    )  # fmt: skip
    reading = made.reading.model_copy(
        update={
            "files": 1, "exchanges": 1, "accounts": 1, "duplicates": 1,
            "rejected": dict.fromkeys(map(str, range(31)), 1),
        }
    )  # fmt: skip
    few = {"campaigns": (one,), "leads": (one,), "spared": made.spared[:1], "reading": reading}
    text = Reading(render(made.model_copy(update=few))).text
    assert not MANY_OF_ONE.search(text)
    assert "1 campaign found among 1 account; about 0.02 expected to be false" in text
    assert "1 group looked like a harvest at first sight. It was weighed" in text
    assert "1 group not certain enough to report; it says what keeps it" in text
    assert "1 campaign or lead of earlier scans that no group of this one follows. Its" in text


@pytest.mark.parametrize("module", ["numbers", "svg", "text", "times", "words"])
def test_the_examples_in_the_code_are_true(module: str) -> None:
    found = doctest.testmod(import_module(f"stillwatch.report.{module}"))
    assert found.attempted
    assert not found.failed


def test_a_lead_says_what_keeps_it_from_being_reported() -> None:
    made = scan()
    lead = made.leads[0].model_copy(
        update={"kept_from": ("fdr", "account_fpr"), "account_fpr": 0.0021, "account_count": 300}
    )
    text = render(made.model_copy(update={"leads": (lead,)}))
    assert "Not reported, because its q-value is above the false discovery rate of 5%; and" in text
    assert "with 300 accounts its false positive rate is 1 in 480 accounts" in text
    assert "and 1 in 10,000 is allowed." in text
