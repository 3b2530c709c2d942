"""Somebody whom another place may have entered already: found by the id number, or entered. 登记或关联人员。"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..errors import TakenError, ValidationError, text
from ..records.encrypted import blinds
from ..records.provenance import BY_HAND, Stated
from .event_types import PERSON
from .merged import hold
from .models import Person
from .services import check_values, create_person


async def known_or_entered(
    path: str, name: str, id_number: str | None, phone: str | None, stated: Stated = BY_HAND
) -> tuple[Person, bool]:
    """The person with this id number and name, and True; else a new one who belongs to no place; in a unit of work.

    What is registered of a known one stays as it is. Raises ValidationError, its paths beneath `path`, and TakenError
    for an id number that somebody with another name has.
    """
    values: dict[str, Any] = {"name": name, "id_number": id_number, "phone": phone}
    try:
        check_values(values)
    except ValidationError as error:
        raise ValidationError(*(replace(one, path=f"{path}.{one.path}") for one in error.problems)) from error
    known = None
    if id_number is not None:
        known = await Person.filter(id_number_index__in=blinds(Person, "id_number", id_number)).first()
    if known is None:
        return await create_person(stated=stated, **values), False
    if known.name != name.strip():
        told = text("Somebody with another name has this id number")
        raise TakenError(told, subject_type=PERSON, path=(path, "idNumber"))
    return await Person.get(id=await hold(known.id)), True
