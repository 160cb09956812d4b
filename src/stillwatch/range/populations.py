"""The innocent populations: what most of the traffic is made of."""

from __future__ import annotations

from stillwatch.range.accounts import People
from stillwatch.range.habits import Habit

EDITOR_TOOLS = (
    ("read_file", "edit_file", "run_command"),
    ("read_file", "edit_file", "run_command", "search"),
    ("bash", "view", "str_replace"),
)
BUSINESS_TOOLS = (("lookup_order", "create_ticket"), ("search_docs",), ("query_db", "send_mail"))

_SERVER = People(
    clients={"sdk": 7, "raw": 3},
    place={"cloud": 7, "paas": 2, "office": 1},
    second_place={"cloud": 1},
    plans={"starter": 4, "team": 4, "scale": 2},
    team=1.3,
    max_tokens={"256": 1, "512": 2, "1024": 3, "2048": 2, "4096": 1},
    temperature=(0.0, 0.0, 0.2, 0.3, 0.7, 1.0),
)

POPULATIONS: dict[str, Habit] = {
    "chat": Habit(
        People(temperature=(1.0,), max_tokens={"4096": 1}),
        workloads=("chat", "advice", "writing", "tutoring", "roleplay", "politics", "homework"),
        per_day=5,
        skew=1.1,
        turns=4,
        conversations=True,
    ),
    "office": Habit(
        People(
            clients={"browser": 9, "tool": 1},
            place={"office": 8, "home": 2},
            second_place={"home": 5, "mobile": 2, "vpn": 1},
            plans={"team": 7, "enterprise": 3},
            team=6,
            temperature=(1.0,),
        ),
        workloads=("office", "writing", "summarization"),
        per_day=7,
        skew=1.0,
        rhythm="work",
        turns=3,
        conversations=True,
        away=0.3,
    ),
    "developer": Habit(
        People(
            clients={"sdk": 6, "raw": 4},
            place={"home": 5, "office": 4, "cloud": 1},
            second_place={"home": 3, "office": 2, "vpn": 1, "cloud": 2},
            plans={"free": 4, "starter": 5, "team": 1},
            max_tokens={"256": 1, "1024": 3, "4096": 2, "8192": 1},
            temperature=(0.0, 0.2, 0.7, 1.0),
        ),
        workloads=("coding", "chat"),
        per_day=8,
        skew=1.5,
        curious=0.01,
        rhythm="work",
        turns=6,
        gap=25,
    ),
    "coding_agent": Habit(
        People(
            clients={"agent": 1},
            place={"home": 5, "office": 5},
            second_place={"home": 4, "office": 1, "vpn": 1},
            plans={"starter": 5, "team": 5},
            team=1.5,
            best_model=0.4,
            max_tokens={"8192": 3, "16384": 1, "32000": 1},
        ),
        workloads=("coding_agent", "agent"),
        per_day=30,
        skew=1.2,
        rhythm="work",
        turns=15,
        gap=12,
        conversations=True,
        tools=EDITOR_TOOLS,
        limited=0.01,
    ),
    "app": Habit(
        _SERVER,
        workloads=(
            "app",
            "support",
            "rag",
            "education",
            "essay_grading",
            "copy_testing",
            "roleplay",
        ),
        per_day=80,
        skew=1.6,
        arrival="service",
        rhythm="served",
        away=0.4,
        limited=0.006,
        tools=(*BUSINESS_TOOLS, ()),
    ),
    "batch": Habit(
        _SERVER,
        workloads=("extraction", "classification", "translation", "batch"),
        per_day=70,
        skew=1.6,
        arrival="schedule",
        pace=3.0,
        away=0.4,
        limited=0.02,
    ),
    "automation": Habit(
        People(
            clients={"tool": 1},
            place={"paas": 5, "cloud": 4},
            second_place={"paas": 1},
            plans={"free": 3, "starter": 6, "team": 1},
            max_tokens={"1024": 1, "2048": 1},
            temperature=(0.7, 1.0),
        ),
        workloads=("app", "summarization", "classification"),
        per_day=10,
        skew=1.2,
        arrival="service",
        rhythm="flat",
        cv=(1.0, 6.0),
    ),
    "research": Habit(
        People(
            clients={"sdk": 8, "raw": 2},
            place={"campus": 6, "cloud": 3, "home": 2},
            second_place={"home": 3, "cloud": 1},
            plans={"free": 2, "starter": 6, "team": 2},
            team=2,
            best_model=0.3,
            max_tokens={"1024": 1, "4096": 2, "8192": 1},
            temperature=(0.0, 0.7, 1.0),
        ),
        workloads=("research", "science", "math", "evaluation", "classification"),
        per_day=25,
        skew=1.7,
        curious=0.02,
        rhythm="work",
        turns=40,
        gap=6,
    ),
}
"""Kinds of innocent population by name."""
