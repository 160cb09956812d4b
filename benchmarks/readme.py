"""Puts the figures that runs left under `.bench/` into the README, so that none is copied by hand.

    python benchmarks/readme.py

Reads `.bench/NAME/NAME.json` of `real_mix`, `evaluation` and `peers`, and of `power` and `attacks`
`.bench/suspects/NAME.jsonl`; replaces what stands between `<!-- NAME -->` and its end in
`README.md`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

README = Path("README.md")
REAL_MIX = Path(".bench/real_mix/real_mix.json")
EVALUATION = Path(".bench/evaluation/evaluation.json")
PEERS = Path(".bench/peers/peers.json")
POWER = Path(".bench/suspects/power.jsonl")
ATTACKS = Path(".bench/suspects/attacks.jsonl")
STUDENTS = {"trigram": "counts", "mlp": "neural"}
ARMS = ("naive", "careful", "bare")
HARVESTS = {
    "codealpaca": "code tasks",
    "fireact": "agent trajectories",
    "chatdoctor": "medical dialogue",
}
LEVELS = {
    "L0": "naive",
    "L1": "jitter, rotating addresses",
    "L2": "also paraphrased",
    "L3": "also slow, each account like a customer",
    "L4": "also padded, templates dealt anew",
}
Json = Mapping[str, Any]


def real_mix(found: Json) -> str:
    """The table of third-party harvests, and what was wrongly accused."""
    lines = [f"| harvest | {' | '.join(ARMS)} |", f"| --- |{' --- |' * len(ARMS)}"]
    for name, title in HARVESTS.items():
        cells = [_mixes(_scans(found, name, arm)) for arm in ARMS]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    false = sum(row["false_campaigns"] for row in found["rows"])
    flagged = sum(row["innocents_flagged"]["hits"] for row in found["rows"])
    of = sum(row["innocents_flagged"]["of"] for row in found["rows"])
    shares = ", ".join(
        f"{title} {_span(_attributed(found, name), 0)} %" for name, title in HARVESTS.items()
    )
    lines += [
        "",
        f"False campaigns: {false} in {len(found['rows'])} scans; innocent accounts flagged: "
        f"{flagged} of {of:,}. Of the harvest's exchanges are attributed (`naive`): {shares}.",
    ]
    return "\n".join(lines)


def _scans(found: Json, harvest: str, arm: str) -> list[Json]:
    return [r for r in found["rows"] if (r["harvest"], r["arm"]) == (harvest, arm)]


def _attributed(found: Json, harvest: str) -> list[float]:
    """Percent of the harvest's exchanges, of each scan of the naive arm."""
    return [100 * r["exchanges"]["recall"]["value"] for r in _scans(found, harvest, "naive")]


def _mixes(rows: Sequence[Json]) -> str:
    if not rows:
        return "not run"
    reported = f"{sum(r['state'] == 'found' for r in rows)} of {len(rows)} reported"
    gathered = f"{_span([r['gathered']['accounts'] for r in rows], 0)} gathered"
    bits = [r["gathered"]["bits"] for r in rows if r["gathered"]["bits"] is not None]
    return f"{reported}; {gathered}" + (f", {_span(bits, 1, signed=True)} bits" if bits else "")


def _span(values: Sequence[float], digits: int, *, signed: bool = False) -> str:
    if not values:
        return "–"
    shown = [f"{v:{'+' if signed else ''},.{digits}f}".replace("-", "−") for v in sorted(values)]
    to = " to " if signed else "–"
    return shown[0] if shown[0] == shown[-1] else f"{shown[0]}{to}{shown[-1]}"


def evaluation(found: Json) -> str:
    """The table of rungs, and the figures of the innocent."""
    lines = [
        "| evasion | campaigns found | … that ask for what a student needs "
        "| … that ask plain tasks | their accounts reported | leaked at the alarm (median) |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    alarms = {a["level"]: a for a in found["alarms"]}
    for rung in found["rungs"]:
        alarm = alarms[rung["level"]]
        merged = f", {rung['merged']} more as part of another" if rung["merged"] else ""
        lines.append(
            f"| {rung['level']}: {LEVELS[rung['level']]} | {_rate(rung['campaigns'], 1)}{merged} "
            f"| {_of(rung['asking'])} | {_of(rung['plain'])} | {_rate(rung['accounts'], 1)} "
            f"| {100 * alarm['median']:.1f} % of {len(alarm['shares'])} |"
        )
    innocents = found["innocents"]
    named = [d for d in found["disclosed"] if d["campaign"] is not None]
    states = [d["state"] for d in named]
    accounts = [sum(d["accounts"][x] for d in named) for x in ("hits", "of")]
    lines += [
        "",
        "| | |",
        "| --- | --- |",
        f"| reports that are true | {_rate(_sum(r['reports'] for r in found['rungs']), 1)} |",
        "| populations without a campaign in which one is reported "
        f"| {_rate(found['populations']['alarmed'], 3)} |",
        f"| innocent account-days flagged | {_rate(innocents['days'], 4)}; "
        f"{innocents['in_true']['hits']:,} of accounts drawn into true campaigns, "
        f"{innocents['in_false']['hits']:,} in false ones |",
        "| attributed exchanges that are harvest, in accounts of relays "
        f"| {_rate(_sum(r['relay_precision'] for r in found['rungs']), 1)} |",
        f"| disclosed shapes reported | {len(named) - states.count('missed')} of {len(named)} "
        f"campaigns, {states.count('merged')} of them together with others; {accounts[0]:,} of "
        f"{accounts[1]:,} accounts |",
        "",
        _left_out(found["ablations"]),
    ]
    if found["adapted"]:
        lines += ["", _attacker(found["adapted"])]
    return "\n".join(lines)


def _attacker(found: Json) -> str:
    """What hiding cost whoever has the code, and whether it was worth it."""
    who = "**L5**, an attacker with our code and weights who searches"
    tried = f"{who} ({found['evaluations']} tries)"
    if found["cheapest"] is None:
        return f"{tried}: no plan stayed hidden, which is no proof that there is none."
    step, naive = found["path"][found["cheapest"]], found["path"][0]
    bill = step["bill"]
    return (
        f"{tried}: the cheapest plan that stayed hidden where it was sought costs "
        f"{bill['price'] / naive['bill']['price']:.2g} times what L0 costs "
        f"({bill['accounts']:,} accounts for {found['harvest']:,} prompts over "
        f"{bill['days']:g} days, {100 * bill['wasted']:.0f} % of the requests wasted). "
        f"In fresh crowds it is found in {_rate(found['fresh']['found'], 1)}."
    )


def _left_out(ablations: Sequence[Json]) -> str:
    said = []
    for what in ("all metadata", "all text"):
        rows = [a for a in ablations if (a["what"], a["how"]) == (what, "traffic")]
        said.append(f"without {what} {_of(_sum(a['campaigns'] for a in rows))} campaigns are found")
    return f"With less to read, over all levels: {', '.join(said)}."


def peers(found: Json) -> str:
    """The share of harvest accounts that we miss, beside that of the best peer."""
    lines = [
        "| traffic | accounts | missed by Stillwatch | by the best peer | times as many |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, lot in found["lots"].items():
        for kind in ("pure", "mixed"):
            missed = {
                detector: figures["at"]["0.01"][kind]
                for detector, figures in lot["detectors"].items()
                if lot["accounts"][kind]
            }
            if not missed:
                continue
            ours = missed.pop("Stillwatch")
            best = min(missed, key=lambda detector: missed[detector]["value"])
            ratio = ours["value"] / missed[best]["value"]
            lines.append(
                f"| {name} | {kind} | {_rate(ours, 1)} | {_rate(missed[best], 1)}, {best} "
                f"| {ratio:.2f} |"
            )
    return "\n".join(lines)


def power(found: Sequence[Json]) -> str:
    """By share of marked data: p-values of students, by what they say and by their weights."""
    shares = sorted({row["share"] for row in found})
    lines = [
        f"| student | scheme | {' | '.join(f'{100 * share:g} %' for share in shares)} |",
        f"| --- | --- |{' --- |' * len(shares)}",
    ]
    for kind, scheme in _kinds(found):
        cells = []
        for share in shares:
            key = {"student": kind, "scheme": scheme, "share": share}
            cells.append(_both([row for row in found if key.items() <= row.items()]))
        lines.append(f"| {STUDENTS[kind]} | {_scheme(scheme)} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", _seeds(found, ("student", "scheme", "share"))])


def attacks(found: Sequence[Json]) -> str:
    """What is left of p-values under each attack."""
    arms = list(dict.fromkeys(arm for row in found for arm in row["arms"]))
    lines = [
        f"| student | scheme | {' | '.join(arms)} |",
        f"| --- | --- |{' --- |' * len(arms)}",
    ]
    for kind, scheme in _kinds(found):
        rows = [r for r in found if (r["student"], r["scheme"]) == (kind, scheme)]
        cells = [_both([r["arms"][arm] for r in rows if arm in r["arms"]]) for arm in arms]
        lines.append(f"| {STUDENTS[kind]} | {_scheme(scheme)} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", _seeds(found, ("student", "scheme"))])


def _seeds(found: Sequence[Json], names: tuple[str, ...]) -> str:
    """How many seeds the rows of one cell have."""
    counts = Counter(tuple(row[name] for name in names) for row in found).values()
    least, most = min(counts), max(counts)
    runs = f"{most}" if least == most else f"{least} to {most}"
    return f"{runs} {'seed' if runs == '1' else 'seeds'}."


def _kinds(found: Sequence[Json]) -> list[tuple[str, str]]:
    return list(dict.fromkeys(sorted((r["student"], r["scheme"]) for r in found)))[::-1]


def _scheme(name: str) -> str:
    return name.replace("/1", "").replace(" green=0.25", "").replace(" depth=30", "")


def _both(rows: Sequence[Json]) -> str:
    if not rows:
        return "–"
    return " / ".join(
        _powers([row[f"{box}_log10_p"] for row in rows]) for box in ("black", "white")
    )


def _powers(log10: Sequence[float]) -> str:
    """The range of some logarithms; one digit where they are small."""
    least, most = (f"{abs(v):.{0 if abs(v) >= 10 else 1}f}" for v in (max(log10), min(log10)))
    return f"−{least}" if least == most else f"−{least} to −{most}"


def _sum(rates: Iterable[Json]) -> Json:
    from stillwatch.range.rate import rate

    each = list(rates)
    return rate(sum(r["hits"] for r in each), sum(r["of"] for r in each)).model_dump()


def _of(rate: Json) -> str:
    return f"{rate['hits']:,} of {rate['of']:,}"


def _rate(rate: Json, digits: int) -> str:
    value, low, high = (f"{100 * rate[x]:.{digits}f}" for x in ("value", "low", "high"))
    return f"{_of(rate)}: {value} % ({low}–{high})"


def put(text: str, name: str, block: str) -> str:
    """The text with what stands between the marks of that name replaced."""
    marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not marks.search(text):
        raise SystemExit(f"README.md has no <!-- {name} --> ... <!-- /{name} -->")
    return marks.sub(lambda m: m[1] + block + "\n" + m[2], text)


def main() -> None:
    text = README.read_text("utf-8")
    for name, path, said in (
        ("real_mix", REAL_MIX, real_mix),
        ("evaluation", EVALUATION, evaluation),
        ("peers", PEERS, peers),
    ):
        if path.exists():
            text = put(text, name, said(json.loads(path.read_text("utf-8"))))
            print(f"README.md: {name} from {path}")
        else:
            print(f"{path}: not there; what the README says of it stays")
    for name, path, told in (("power", POWER, power), ("attacks", ATTACKS, attacks)):
        if path.exists():
            rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
            text = put(text, name, told(rows))
            print(f"README.md: {name} from {path}")
        else:
            print(f"{path}: not there; what the README says of it stays")
    README.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
