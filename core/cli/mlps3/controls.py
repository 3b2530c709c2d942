"""What a control is: a clause of the standard, and a look at one district that says whether it is met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from linli.core.config import Configuration
from linli.core.districts import District

NO_CLAUSE = "-"


class State(StrEnum):
    """What is known of a control: nothing is called met that was not looked at."""

    MET = "met"
    NOT_MET = "not met"
    ENVIRONMENT = "by environment"


@dataclass(frozen=True)
class Subject:
    """What is looked at: a server's configuration and one of its districts, open."""

    configuration: Configuration
    district: District

    def setting(self, name: str) -> Any:
        """A core setting of the district; None where this version has none of that name."""
        return getattr(self.district.settings, name, None)

    @property
    def local(self) -> bool:
        """Whether the server listens to this machine alone, as behind a proxy."""
        return self.configuration.server.host in ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Judgement:
    """A state, why, and what to do about it: "English. 中文。", empty where nothing is to be done."""

    state: State
    found: str
    remedy: str = ""


@dataclass(frozen=True)
class Control:
    """One entry of the profile: a clause of GB/T 22239-2019, its subject, and how it is judged.

    `clause` is NO_CLAUSE where the standard has none that says just this.
    """

    clause: str
    title: str
    judge: Callable[[Subject], Judgement]


def met(found: str) -> Judgement:
    """Looked at, and so."""
    return Judgement(State.MET, found)


def not_met(found: str, remedy: str) -> Judgement:
    """Looked at, and not so."""
    return Judgement(State.NOT_MET, found, remedy)


def unseen(found: str, remedy: str) -> Judgement:
    """Not to be told from here: what Linli does about it, and what the operator has to show."""
    return Judgement(State.ENVIRONMENT, found, remedy)


def by_environment(
    clause: str, title: str, remedy: str, *, found: str = "Linli does not see this. 软件无法判断。"
) -> Control:
    """A control that Linli cannot see, however it is configured: somebody has to look."""
    return Control(clause, title, lambda _subject: unseen(found, remedy))
