"""What people ask for about their data, and what staff decide; every function runs in a unit of work. 个人信息请求。"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import orjson

from .. import clock
from ..access.duties import require_other
from ..access.on_behalf import Channel
from ..access.viewer import Viewer
from ..errors import ConflictError, InvalidTransitionError, invalid, text
from ..graph.models import OrgNode
from ..people import services as people
from ..people.models import Person
from ..records import events
from ..records.encrypted import decrypted, encrypt, update_row
from ..records.person_keys import PersonErasedError
from ..records.provenance import Source, Stated
from ..records.record import new_id
from ..records.unit_of_work import current_unit
from .erasing import erase_everywhere, rows_of
from .event_types import (
    PERSON_ERASED,
    PERSON_EXPORTED,
    REQUEST,
    REQUEST_FILED,
    REQUEST_GRANTED,
    REQUEST_REFUSED,
    PersonErased,
    RequestPayload,
)
from .models import PersonRequest

if TYPE_CHECKING:
    from ..districts import District

LONGEST_REASON = 500


class RequestKind(StrEnum):
    """What is asked for (PIPL art. 45 to 47). 请求类型。"""

    EXPORT = "EXPORT"  # 查阅、复制
    CORRECTION = "CORRECTION"  # 更正
    ERASURE = "ERASURE"  # 删除


class RequestState(StrEnum):
    """Where a request stands. 请求状态。"""

    OPEN = "OPEN"  # 待处理
    DONE = "DONE"  # 已办结
    REFUSED = "REFUSED"  # 不予办理


async def record_export(person: Person, purpose: str, channel: Channel = Channel.APP) -> PersonRequest:
    """Write down who has what is kept of a person handed out, and what for: before a value leaves."""
    request = await _file(RequestKind.EXPORT, person, _reason(purpose, "purpose"), channel, state=RequestState.DONE)
    await _tell(PERSON_EXPORTED, request)
    return request


async def request_correction(
    person: Person, values: Mapping[str, Any], reason: str | None, channel: Channel = Channel.APP
) -> PersonRequest:
    """Ask that columns of a person be corrected. ValidationError for values that break a rule, or none at all."""
    if not values:
        raise invalid("input", "NOTHING", "Say what is to be corrected")
    people.check_values(values, person)
    if await _open(RequestKind.CORRECTION, person) is not None:
        raise ConflictError(text("A request of this kind waits for an answer already"), path=("personId",))
    changes = orjson.dumps(dict(values)).decode()
    said = None if reason is None else _reason(reason, "reason")
    request = await _file(RequestKind.CORRECTION, person, said, channel, changes)
    await _tell(REQUEST_FILED, request)
    return request


async def request_erasure(person: Person, reason: str, channel: Channel = Channel.APP) -> PersonRequest:
    """Ask that a person be erased; another person confirms it. Answers the request that waits already, if any."""
    checked = _reason(reason, "reason")
    waiting = await _open(RequestKind.ERASURE, person)
    if waiting is not None:
        return waiting
    request = await _file(RequestKind.ERASURE, person, checked, channel)
    await _tell(REQUEST_FILED, request)
    return request


async def grant(district: District, request: PersonRequest, viewer: Viewer) -> PersonRequest:
    """Carry out what is asked for. What is done already stays so; SELF_VERIFICATION for one's own request."""
    request = await _to_decide(request)
    if request.state == RequestState.DONE:
        return request
    await _check_open_and_other(request, viewer)
    outcome = await (_correct(request) if request.kind == RequestKind.CORRECTION else _erase(district, request))
    await _decide(request, RequestState.DONE, outcome=outcome)
    await _tell(REQUEST_GRANTED, request)
    return request


async def refuse(request: PersonRequest, viewer: Viewer, answer: str) -> PersonRequest:
    """Refuse what is asked for, with reasons (PIPL art. 50)."""
    request = await _to_decide(request)
    await _check_open_and_other(request, viewer)
    kept = encrypt(PersonRequest, "answer", _reason(answer, "answer"), request.id)
    await _decide(request, RequestState.REFUSED, answer=kept)
    await _tell(REQUEST_REFUSED, request)
    return request


def corrections(request: PersonRequest) -> dict[str, Any]:
    """What is to be corrected, by column; empty once the person is erased."""
    kept = decrypted(request.changes)
    values: dict[str, Any] = {} if kept is None else orjson.loads(kept)
    if values.get("birth_date") is not None:
        values["birth_date"] = date.fromisoformat(values["birth_date"])
    return values


def _reason(given: str, argument: str) -> str:
    found = given.strip()
    if not 1 <= len(found) <= LONGEST_REASON:
        raise invalid(argument, "TEXT", "A text of 1 to {most} characters is expected", most=LONGEST_REASON)
    return found


async def _open(kind: RequestKind, person: Person) -> PersonRequest | None:
    # the row is locked until the commit: of two who ask at once the second one waits, and finds the first one's
    held = await Person.filter(id=person.id).select_for_update().get()
    if held.erased_at is not None:
        raise PersonErasedError(text("This person was erased"))
    return await PersonRequest.filter(person_id=person.id, kind=kind.value, state=RequestState.OPEN.value).first()


async def _file(
    kind: RequestKind,
    person: Person,
    reason: str | None,
    channel: Channel,
    changes: str | None = None,
    *,
    state: RequestState = RequestState.OPEN,
) -> PersonRequest:
    place = person.habitual_residence_id or person.registered_residence_id or person.employer_id
    id_ = new_id()
    return await PersonRequest.create(
        id=id_,
        kind=kind.value,
        state=state.value,
        person_id=person.id,
        org_id=place or (await OrgNode.get(parent_id=None, valid_to=None)).id,
        reason=encrypt(PersonRequest, "reason", reason, id_),
        changes=encrypt(PersonRequest, "changes", changes, id_),
        channel=channel.value,
        filed_by=current_unit().actor_id,
    )


async def _to_decide(request: PersonRequest) -> PersonRequest:
    await Person.filter(id=request.person_id).select_for_update().get()
    return await PersonRequest.filter(id=request.id).select_for_update().get()


async def _check_open_and_other(request: PersonRequest, viewer: Viewer) -> None:
    if request.state != RequestState.OPEN:
        raise InvalidTransitionError(text("This request is decided already"), path=("id",))
    message = text("Somebody else than who asked, and than the person concerned, decides this")
    await require_other(
        viewer,
        request.id,
        REQUEST_FILED,
        accounts=[request.filed_by],
        persons=[request.person_id],
        message=message,
        path=("id",),
    )


async def _correct(request: PersonRequest) -> dict[str, Any]:
    person = await Person.get(id=request.person_id)
    declared = Stated(Source.DECLARED)
    await people.update_person(person, None, stated=declared, **corrections(request))
    return {}


async def _erase(district: District, request: PersonRequest) -> dict[str, Any]:
    done = await erase_everywhere(district, request.person_id)
    rows = sum(one.rows for _, part in done for one in part.erased)
    kept = sum(one.rows for _, part in done for one in part.kept)
    told = PersonErased(plugins=tuple(dict.fromkeys(plugin for plugin, _ in done)), erased_rows=rows, kept_rows=kept)
    for id_ in await rows_of(request.person_id):  # each has a key of its own, and each key that goes is told of
        await events.append(PERSON_ERASED, "Person", id_, told, org_id=request.org_id)
    return {
        "erased": [
            {"plugin": plugin, "what": one.what, "rows": one.rows, "columns": one.columns}
            for plugin, part in done
            for one in part.erased
        ],
        "kept": [
            {
                "plugin": plugin,
                "what": one.what,
                "rows": one.rows,
                "reason": [one.reason.template, dict(one.reason.params), one.reason.domain],
                "until": None if one.until is None else one.until.isoformat(),
            }
            for plugin, part in done
            for one in part.kept
        ],
    }


async def _decide(request: PersonRequest, state: RequestState, **more: Any) -> None:
    now, present = clock.now(), await PersonRequest.get(id=request.id)
    changed = {"state": state.value, "decided_at": now, "decided_by": current_unit().actor_id, **more}
    changed |= {"version": present.version + 1, "updated_at": now}
    await update_row(PersonRequest.all(), request.id, **changed)
    await request.refresh_from_db()


async def _tell(event_type: Any, request: PersonRequest) -> None:
    told = RequestPayload(person_id=request.person_id, kind=request.kind, state=request.state)
    await events.append(event_type, REQUEST, request.id, told, org_id=request.org_id)
