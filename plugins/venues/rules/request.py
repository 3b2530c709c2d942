"""What can be told of a booking request before anybody's title or other bookings are looked at. 预约申请校验。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from linli.core.errors import FieldProblem, RejectedError, Text, ValidationError, text

from .local_time import format_local_time
from .timetable import Timetable


@dataclass(frozen=True)
class BookingRequest:
    """What somebody asks for; local times. `unit` only to ask for a particular one, counted from 1."""

    start: datetime
    end: datetime
    party_size: int = 1
    unit: int | None = None


@dataclass(frozen=True)
class Limits:
    """How much a venue grants: persons per unit, units, minutes per booking (None: as long as it is open)."""

    capacity: int
    units: int = 1
    min_minutes: int | None = None
    max_minutes: int | None = None


def check_request(request: BookingRequest, timetable: Timetable, limits: Limits, now: datetime) -> None:
    """Refuse what no person could book; `now` is local time too.

    First the request in itself, every problem at once, as ValidationError: END_NOT_AFTER_START, NOT_ONE_DAY,
    TOO_SHORT, TOO_LONG at `end`, OUT_OF_RANGE at `partySize` and `unit`. Then, one at a time, as RejectedError:
    NOT_ON_GRANULARITY, OUTSIDE_OPENING_HOURS, IN_THE_PAST, CAPACITY_EXCEEDED.
    """
    problems = tuple(_problems(request, timetable, limits))
    if problems:
        raise ValidationError(*problems, plugin="venues")
    _check_grid(request, timetable)
    _check_opening(request, timetable)
    _check_future(request, now)
    _check_party(request, limits)


def _problems(request: BookingRequest, timetable: Timetable, limits: Limits) -> Iterator[FieldProblem]:
    if request.end <= request.start:
        message = text("A booking must end after it starts", domain="venues")
        yield FieldProblem("end", "END_NOT_AFTER_START", message)
    elif not timetable.keeps_to_one_day(request.start, request.end):
        yield FieldProblem("end", "NOT_ONE_DAY", _one_day(timetable))
    else:
        yield from _duration_problems(request.end - request.start, limits)
    if request.party_size < 1:
        message = text("A booking is for at least one person", domain="venues")
        yield FieldProblem("partySize", "OUT_OF_RANGE", message)
    if request.unit is not None and not 1 <= request.unit <= limits.units:
        message = text("The venue has the units 1 to {units}", domain="venues", units=limits.units)
        yield FieldProblem("unit", "OUT_OF_RANGE", message)


def _one_day(timetable: Timetable) -> Text:
    if timetable.policy.overnight:
        return text("A booking lasts 24 hours at most", domain="venues")
    return text("A booking lies within one calendar day", domain="venues")


def _duration_problems(duration: timedelta, limits: Limits) -> Iterator[FieldProblem]:
    if limits.min_minutes is not None and duration < timedelta(minutes=limits.min_minutes):
        message = text("A booking lasts at least {minutes} minutes", domain="venues", minutes=limits.min_minutes)
        yield FieldProblem("end", "TOO_SHORT", message)
    if limits.max_minutes is not None and duration > timedelta(minutes=limits.max_minutes):
        message = text("A booking lasts at most {minutes} minutes", domain="venues", minutes=limits.max_minutes)
        yield FieldProblem("end", "TOO_LONG", message)


def _check_grid(request: BookingRequest, timetable: Timetable) -> None:
    starts = timetable.on_grid(request.start)
    if starts and timetable.on_grid(request.end, as_end=True):
        return
    message = text(
        "Bookings start and end every {minutes} minutes, counted from the opening at {opening}",
        domain="venues",
        minutes=timetable.granularity,
        opening=format_local_time(timetable.opening.start),
    )
    raise _rejected("NOT_ON_GRANULARITY", "end" if starts else "start", message)


def _check_opening(request: BookingRequest, timetable: Timetable) -> None:
    if timetable.is_open(request.start, request.end):
        return
    started = timetable.is_open(request.start, request.start + timedelta(minutes=1))
    message = text("The venue is open {hours}", domain="venues", hours=timetable.opening)
    raise _rejected("OUTSIDE_OPENING_HOURS", "end" if started else "start", message)


def _check_future(request: BookingRequest, now: datetime) -> None:
    if request.start < now:
        raise _rejected("IN_THE_PAST", "start", text("This time has already begun", domain="venues"))


def _check_party(request: BookingRequest, limits: Limits) -> None:
    if request.party_size > limits.capacity:
        message = text("There is room for {capacity} persons", domain="venues", capacity=limits.capacity)
        raise _rejected("CAPACITY_EXCEEDED", "partySize", message)


def _rejected(code: str, path: str, message: Text) -> RejectedError:
    return RejectedError(message, code=code, path=(path,), plugin="venues")
