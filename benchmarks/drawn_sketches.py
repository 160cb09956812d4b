"""Sketches drawn at random, for benchmarks of many: at their size only the shape matters."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from stillwatch.sketch.keys import address_block, key
from stillwatch.sketch.schema import SCHEMA

START_US = 1_795_000_000_000_000
DAY_US = 86_400_000_000
PROXIES = 3_000


class Population:
    """Accounts of which the first `campaign` are a harvest's."""

    def __init__(self, accounts: int, campaign: int, seed: int) -> None:
        self._rng = rng = np.random.default_rng(seed)
        self._accounts, self._campaign = accounts, campaign
        self._names = pa.array([f"acct-{i:07d}" for i in range(accounts)])
        self._keys = key(self._names)
        activity = rng.lognormal(0, 1.6, accounts)
        activity[:campaign] = np.median(activity) * 4 * rng.uniform(0.9, 1.1, campaign)
        self._share = activity / activity.sum()
        self._addresses = pa.array(
            [f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}" for i in range(accounts)]
        )
        self._proxies = pa.array([f"172.16.{i >> 8}.{i & 255}" for i in range(PROXIES)])
        self._blocks = address_block(self._addresses)
        self._proxy_blocks = address_block(self._proxies)
        self._created = START_US - rng.integers(1, 900 * 86_400, accounts) * 1_000_000
        self._created[:campaign] = START_US - rng.integers(0, 40, campaign) * 7_200_000_000
        self._payment = rng.permutation(accounts)
        self._payment[:campaign] = rng.integers(0, campaign // 60, campaign) + accounts
        self._agents = pa.array([f"client/{i}" for i in range(60)])

    def sketches(self, rows: int, first_us: int, span_us: int, number: int) -> pa.Table:
        """Sketches with times in a span, shuffled as logs are not by account.

        `number` tells their ids from those of other tables.
        """
        rng = self._rng
        who = rng.choice(self._accounts, rows, p=self._share)
        guilty = who < self._campaign
        micros = first_us + rng.integers(0, span_us, rows)
        near = rng.integers(-(2**62), 2**62, (4, rows))
        proxy = pa.array(rng.integers(0, PROXIES, rows))
        whom = pa.array(who)
        agent = pa.array(rng.zipf(1.6, rows) % 60)
        family = (rng.integers(0, 40, rows) + 7).astype(np.int64) * 1_000_003
        proxied, own = self._proxies.take(proxy), self._addresses.take(whom)
        columns: dict[str, pa.Array] = {
            "exchange_id": pa.array(np.char.add(f"x{number}-", np.arange(rows).astype(str))),
            "exchange_key": pa.array(rng.integers(-(2**62), 2**62, rows)),
            "time": pa.array(micros, SCHEMA.field("time").type),
            "account": self._names.take(whom),
            "account_key": self._keys.take(whom),
            "address": _either(guilty, proxied, own),
            "address_key": key(_either(guilty, proxied, own)),
            "address_block": _either(
                guilty, self._proxy_blocks.take(proxy), self._blocks.take(whom)
            ),
            "user_agent": self._agents.take(agent),
            "tls_fingerprint": self._agents.take(agent),
            "payment_mark": pa.array(self._payment[who].astype(str)),
            "plan": pa.array(np.where(who % 5 == 0, "team", "free")),
            "account_created": pa.array(self._created[who], SCHEMA.field("time").type),
            "model": pa.array(np.where(who % 3 == 0, "large", "small")),
            "turn": pa.array(np.where(guilty, 1, rng.geometric(0.5, rows)), pa.int32()),
            "input_tokens": pa.array(rng.integers(10, 2000, rows)),
            "output_tokens": pa.array(rng.integers(10, 2000, rows)),
            "system_template": _text(rng, guilty, family + 0, 1.3, 3_000),
            "head": _text(rng, guilty, family + 1, 1.2, 2_000_000),
            "tail": _text(rng, guilty, family + 2, 1.2, 2_000_000),
            "skeleton": pa.array(near[0] ^ near[1]),
            "reply_head": _text(rng, guilty, family + 3, 1.3, 300_000),
            **{f"near_{i}": pa.array(near[i]) for i in range(4)},
            "intent": pa.array(np.where(guilty, "reasoning_elicitation", "ordinary")),
            "intent_bits": pa.array(
                rng.normal(np.where(guilty, 3.0, -3.0), 2.0).astype(np.float32)
            ),
            "topic": pa.array(np.where(guilty, rng.integers(0, 256, rows), who % 251), pa.int16()),
            "prompt_chars": pa.array(rng.integers(20, 4000, rows), pa.int32()),
            "prompt_words": pa.array(rng.integers(4, 800, rows), pa.int32()),
        }
        return pa.table(
            [columns.get(f.name, pa.nulls(rows, f.type)).cast(f.type) for f in SCHEMA],
            schema=SCHEMA,
        )


def _words(rng: np.random.Generator, count: int, zipf: float, space: int) -> np.ndarray:
    """Hashes of which few are common and most are rare, as heads and tails of prompts are."""
    ranks = rng.zipf(zipf, count) % space
    return (ranks.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)).astype(np.int64)


def _text(
    rng: np.random.Generator, guilty: np.ndarray, family: np.ndarray, zipf: float, space: int
) -> pa.Array:
    """The campaign's template families for its accounts, anything else for the others."""
    return pa.array(np.where(guilty, family, _words(rng, len(guilty), zipf, space)))


def _either(condition: np.ndarray, yes: pa.Array, no: pa.Array) -> pa.Array:
    return pa.compute.if_else(pa.array(condition), yes, no)
