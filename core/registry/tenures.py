"""Who owns or uses premises: entering, changing and ending tenures; every function runs in a unit of work.

All that touches the tenures of premises holds their row, so that two clients at once do not exceed the whole, and
the row of the person before it, so that nobody who is erased holds anything again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from .. import clock
from ..errors import FieldProblem, text
from ..graph.checks import in_utc
from ..graph.models import OrgNode
from ..graph.spans import Span
from ..graph.unset import UNSET, Unset
from ..people.living import held_living
from ..people.models import Person
from ..records import events
from ..records.provenance import BY_HAND, Stated, begun
from . import refusals
from .event_types import TENURE, TENURE_CREATED, TENURE_ENDED, TENURE_UPDATED, TenureTold, TenureValues
from .models import EVIDENCE_LENGTH, Premises, Tenure
from .premises import premises_to_use
from .shares import LARGEST_DENOMINATOR, WHOLE, Held, most_held
from .words import OWNING, TenureKind
from .writing import (
    check_version,
    differing,
    during,
    end_of,
    free_id,
    held,
    one_of,
    printable,
    source_problems,
    span_problems,
    write,
)

Share = tuple[int, int]
"""Numerator and denominator, as they are written in the deed."""


async def create_tenure(
    premises_id: UUID,
    holder: Person | OrgNode,
    *,
    kind: str,
    share: Share | Unset | None = UNSET,
    evidence: str | None = None,
    valid_from: datetime | Unset | None = UNSET,
    valid_to: datetime | None = None,
    tenure_id: UUID | None = None,
    stated: Stated = BY_HAND,
) -> Tenure:
    """Enter that a person or an organisation holds premises. An OWNER of whom no share is told owns the whole.

    Raises ValidationError with every problem, RejectedError PREMISES_ENDED, ALREADY_HELD, SHARES_OVER_WHOLE.
    """
    span = Span(clock.now() if valid_from is UNSET else in_utc(valid_from), in_utc(valid_to))
    owned = ((1, 1) if kind == TenureKind.OWNER else None) if share is UNSET else share
    check(kind, owned, evidence, span, stated)
    if isinstance(holder, Person):
        await held_living(holder.id)
    premises = await premises_to_use(premises_id, span)
    id_ = await free_id(Tenure, tenure_id)
    tenure = Tenure(
        id=id_,
        premises_id=premises.id,
        person_id=holder.id if isinstance(holder, Person) else None,
        org_id=holder.id if isinstance(holder, OrgNode) else None,
        kind=kind,
        evidence=evidence,
        valid_from=span.start,
        valid_to=span.end,
        provenance=begun(Tenure, stated),
        **share_columns(owned),
    )
    await _check_room(tenure)
    await tenure.save(force_create=True)
    given = {"kind", *(("share",) if owned else ()), *(("evidence",) if evidence else ())}
    await _tell(TENURE_CREATED, premises, tenure, None, given)
    return tenure


async def update_tenure(
    tenure: Tenure, *, expected_version: int | None = None, stated: Stated = BY_HAND, **values: Any
) -> Tenure:
    """Correct `kind`, `share`, `evidence`, `valid_from` or `valid_to`. Raises as `create_tenure` does."""
    columns = {name: value for name, value in values.items() if name != "share"}
    if "share" in values:
        columns |= share_columns(values["share"])
    for name in ("valid_from", "valid_to"):
        if name in columns:
            columns[name] = in_utc(columns[name])
    if tenure.person_id is not None:
        await held_living(tenure.person_id)
    premises = await held(Premises, tenure.premises_id)
    tenure = await held(Tenure, tenure.id)
    check_version(tenure, expected_version)
    changed = differing(tenure, columns)
    wanted = Tenure(**{**_present(tenure), **changed})
    span = Span(wanted.valid_from, wanted.valid_to)
    check(wanted.kind, share_of(wanted), wanted.evidence, span, stated)
    if not changed:
        return tenure
    await premises_to_use(premises.id, span)
    await _check_room(wanted, but=tenure.id)
    before = told_values(tenure, changed)
    await write(tenure, stated, **changed)
    await _tell(TENURE_UPDATED, premises, tenure, before, changed)
    return tenure


async def end_tenure(tenure: Tenure, at: datetime | None = None, expected_version: int | None = None) -> Tenure:
    """End a tenure, now where `at` is not given. Raises ValidationError END_BEFORE_START, InvalidTransitionError."""
    premises = await held(Premises, tenure.premises_id)
    tenure = await held(Tenure, tenure.id)
    check_version(tenure, expected_version)
    end = end_of(tenure, in_utc(at))
    before = told_values(tenure, ["valid_to"])
    await write(tenure, valid_to=end)
    await _tell(TENURE_ENDED, premises, tenure, before, ["valid_to"])
    return tenure


def share_problems(kind: str, share: Share | None) -> Iterator[FieldProblem]:
    """What is wrong with a share; only owners have one, and an OWNER needs it."""
    if share is None:
        if kind == TenureKind.OWNER:
            yield FieldProblem("share", "SHARE_NEEDED", text("An owner has a share; joint owners are CO_OWNER"))
        return
    if kind not in OWNING:
        yield FieldProblem("share", "SHARE_OF_NO_OWNER", text("Only owners have a share"))
    numerator, denominator = share
    if not 1 <= denominator <= LARGEST_DENOMINATOR:
        message = text("Between {least} and {most}", least=1, most=LARGEST_DENOMINATOR)
        yield FieldProblem("share.denominator", "OUT_OF_RANGE", message)
    elif not 1 <= numerator <= denominator:
        message = text("Between {least} and {most}", least=1, most=denominator)
        yield FieldProblem("share.numerator", "OUT_OF_RANGE", message)


def check(kind: str, share: Share | None, evidence: str | None, span: Span, stated: Stated) -> None:
    """Raise ValidationError with everything that is wrong with a tenure by itself."""
    refusals.settle(
        [
            *one_of("kind", kind, TenureKind),
            *share_problems(kind, share),
            *printable("evidence", evidence, EVIDENCE_LENGTH),
            *span_problems(span),
            *source_problems(stated),
        ]
    )


async def _check_room(tenure: Tenure, but: UUID | None = None) -> None:
    """Whether there is room for it beside the other tenures of the premises, of which the caller holds the row."""
    beside = Tenure.filter(during(Span(tenure.valid_from, tenure.valid_to)), premises_id=tenure.premises_id)
    check_beside(tenure, [one for one in await beside if one.id != but])


def check_beside(tenure: Tenure, others: Collection[Tenure]) -> None:
    """Whether there is room for a tenure beside others of the premises that share time with it.

    Raises RejectedError ALREADY_HELD, SHARES_OVER_WHOLE.
    """
    same = (tenure.person_id, tenure.org_id, tenure.kind)
    if any((one.person_id, one.org_id, one.kind) == same for one in others):
        raise refusals.already_held()
    owned = [_held(one) for one in (tenure, *others) if share_of(one) is not None]
    # where this one is not held nothing changes: an excess of before would not be its own
    mine = Span(tenure.valid_from, tenure.valid_to)
    most = most_held(one._replace(span=one.span.shared(mine)) for one in owned)
    if share_of(tenure) is not None and most.total > WHOLE:
        raise refusals.shares_over_whole(most.total, most.at)


def _held(tenure: Tenure) -> Held:
    share = share_of(tenure)
    assert share is not None, "only those with a share are asked"
    return Held(Span(tenure.valid_from, tenure.valid_to), Fraction(*share))


def share_of(tenure: Tenure) -> Share | None:
    """The share of a tenure, None where none is told."""
    numerator, denominator = tenure.share_numerator, tenure.share_denominator
    return None if numerator is None or denominator is None else (numerator, denominator)


def share_columns(share: Share | None) -> dict[str, Any]:
    """A share as it is kept."""
    numerator, denominator = share or (None, None)
    return {"share_numerator": numerator, "share_denominator": denominator}


def _present(tenure: Tenure) -> Mapping[str, Any]:
    names = ("premises_id", "person_id", "org_id", "kind", "share_numerator", "share_denominator", "evidence")
    return {name: getattr(tenure, name) for name in (*names, "valid_from", "valid_to")}


def told_values(tenure: Tenure, columns: Collection[str]) -> TenureValues:
    """What an event tells of these columns; "share" stands for both of its parts."""
    names = TenureValues.model_fields.keys() & {*columns, *(share_columns(None) if "share" in columns else ())}
    return TenureValues(**{name: getattr(tenure, name) for name in names})


async def _tell(
    event_type: Any, premises: Premises, tenure: Tenure, before: TenureValues | None, columns: Collection[str]
) -> None:
    await events.append(event_type, TENURE, tenure.id, told_of(tenure, before, columns), org_id=premises.org_id)


def told_of(tenure: Tenure, before: TenureValues | None, columns: Collection[str]) -> TenureTold:
    """What the event of these columns tells."""
    return TenureTold(
        premises_id=tenure.premises_id,
        person_id=tenure.person_id,
        org_id=tenure.org_id,
        fields=tuple(sorted(columns)),
        before=before,
        after=told_values(tenure, columns),
    )
