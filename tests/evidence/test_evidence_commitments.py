"""A fact that was committed to can be shown later, alone; until then nothing tells it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import TamperedError, UsageError
from stillwatch.evidence.commitments import commit, commitment_to, disclosed

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def test_the_example_of_rfc_9901_is_opened() -> None:
    disclosure = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    commitment = "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    assert commitment_to(disclosure) == commitment
    assert disclosed(disclosure, [commitment]) == ("family_name", "Möbius")


@given(st.text(), values)
def test_what_was_committed_to_can_be_shown(name: str, value: object) -> None:
    commitment, disclosure = commit(name, value)
    assert disclosed(disclosure, ["other", commitment]) == (name, value)


def test_the_same_fact_is_another_commitment_each_time() -> None:
    made = [commit("payer", "card ending 4242") for _ in range(100)]
    assert len({commitment for commitment, _ in made}) == 100
    # 128 bits of salt: 22 characters of base64url, none of them like another.
    salts = {disclosure[:24] for _, disclosure in made}
    assert len(salts) == 100
    # It has the length of a hash, whatever the fact is.
    assert len(commit("a", "b")[0]) == len(commit("a", "b" * 1000)[0]) == 43


def test_a_disclosure_opens_no_other_commitment() -> None:
    (commitment, disclosure), (other, _) = commit("payer", "a"), commit("payer", "a")
    with pytest.raises(TamperedError, match="opens none"):
        disclosed(disclosure, [other])
    for at in range(len(disclosure)):
        changed = disclosure[:at] + ("A" if disclosure[at] != "A" else "B") + disclosure[at + 1 :]
        with pytest.raises(TamperedError, match="opens none"):
            disclosed(changed, [commitment])


@pytest.mark.parametrize("disclosure", ["", "e30", "WzEsMiwzXQ", "WyJhIiwiYiJd", "*"])
def test_what_was_committed_to_in_another_form_is_refused(disclosure: str) -> None:
    with pytest.raises(TamperedError, match="the disclosure"):
        disclosed(disclosure, [commitment_to(disclosure)])


def test_what_json_cannot_say_is_refused() -> None:
    with pytest.raises(UsageError, match="no JSON"):
        commit("x", float("nan"))
