"""The keys of a server: a deployment's, sealed to it, and a copy of the register."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from stillwatch.marks import Master, Scheme
from stillwatch.marks.examiner import create

EPOCH = "2026-11"


@dataclass(frozen=True)
class Served:
    """A master, and a directory with what a server of its `eu-chat` gets."""

    master: Master
    place: Path

    @property
    def settings(self) -> dict[str, str]:
        return {
            "sealed": str(self.place / "sealed.key"),
            "secret": str(self.place / "server.key"),
            "register": str(self.place / "register.jsonl"),
        }

    def copy_register(self) -> None:
        shutil.copy(self.master.register.path, self.place / "register.jsonl")

    def keys(self, scheme: Scheme, *accounts: str) -> dict[str, bytes]:
        names = [f"eu-chat/{account}/{EPOCH}" for account in accounts]
        found = self.master.open("detect", names).of(scheme)
        return {
            name.removeprefix("eu-chat/").removesuffix(f"/{EPOCH}"): key
            for name, key in found.items()
        }


def served(master: Master, scheme: Scheme) -> Served:
    """Gives a server its keys."""
    place = master.path.parent / "server"
    place.mkdir()
    public, _ = create(place / "server.key")
    Master(master.path, why="chat server").export("eu-chat", scheme, public, place / "sealed.key")
    Master(master.path).rotate("eu-chat", EPOCH)
    scene = Served(master, place)
    scene.copy_register()
    return scene
