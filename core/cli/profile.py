"""The table of `linli check --profile`: every control of every district, with what was found. 合规检查表。"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .language import half, words
from .messages import CommandError, note
from .mlps3 import CONTROLS, Judgement, State, Subject
from .running import entered, run
from .tables import table

if TYPE_CHECKING:
    from .invocation import Invocation

PROFILES = ("mlps3",)
Row = tuple[str, str, str, Judgement]


def show(call: Invocation) -> None:
    """Show the table; raises CommandError where a control is not met."""
    rows = run(_judged(call))
    states = {
        State.MET: words("met"),
        State.NOT_MET: words("not met"),
        State.ENVIRONMENT: words("by environment"),
    }
    table(
        [words("clause"), words("district"), words("control"), words("state"), words("found"), words("to do")],
        [(clause, key, title, states[it.state], half(it.found), half(it.remedy)) for clause, key, title, it in rows],
    )
    missed = sum(judgement.state is State.NOT_MET for *_, judgement in rows)
    if missed:
        raise CommandError(words("controls that are not met: {count}", count=missed))
    note(words("every control that can be looked at from here is met"))


async def _judged(call: Invocation) -> list[Row]:
    configuration, rows = call.configuration(), []
    for key in configuration.districts:
        async with entered(configuration, call.installed, key) as district:
            subject = Subject(configuration, district)
            rows += [(it.clause, key, half(it.title), it.judge(subject)) for it in CONTROLS]
    return rows
