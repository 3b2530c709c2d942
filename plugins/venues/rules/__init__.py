"""The rules of shared venues: plain values in, plain values out; no database, no clock, no API. 资源共享场所规则。

Times of day are minutes since local midnight, half-open. Moments of a calendar question are local times without a
zone; the life of a booking asks for no calendar and takes instants as well.
"""

from __future__ import annotations

from .eligibility import Eligibility as Eligibility
from .eligibility import Piece as Piece
from .eligibility import Refusal as Refusal
from .eligibility import Standing as Standing
from .eligibility import eligibility as eligibility
from .eligibility import next_eligible_start as next_eligible_start
from .eligibility import verdict as verdict
from .kinds import BookingState as BookingState
from .kinds import ClosureKind as ClosureKind
from .kinds import Tier as Tier
from .kinds import TierEvidence as TierEvidence
from .kinds import VenueKind as VenueKind
from .kinds import VenueMode as VenueMode
from .kinds import Weekday as Weekday
from .kinds import WindowKind as WindowKind
from .local_time import format_local_time as format_local_time
from .local_time import parse_local_time as parse_local_time
from .moments import BookingTimes as BookingTimes
from .moments import CheckInWindow as CheckInWindow
from .moments import DueTransition as DueTransition
from .moments import check_in_window as check_in_window
from .moments import due_transition as due_transition
from .moments import is_late_cancellation as is_late_cancellation
from .moments import state_at as state_at
from .no_shows import barred_until as barred_until
from .occupancy import OCCUPYING as OCCUPYING
from .occupancy import Occupation as Occupation
from .occupancy import Room as Room
from .occupancy import free_unit as free_unit
from .override import AgreementFloor as AgreementFloor
from .override import check_override as check_override
from .override import rations_days_off as rations_days_off
from .policy import ONE_PLUS_THREE as ONE_PLUS_THREE
from .policy import Blackout as Blackout
from .policy import Fee as Fee
from .policy import OpeningPolicy as OpeningPolicy
from .policy import TierTable as TierTable
from .quotas import COUNTING as COUNTING
from .quotas import Exhausted as Exhausted
from .quotas import Quota as Quota
from .quotas import QuotaPeriod as QuotaPeriod
from .quotas import QuotaScope as QuotaScope
from .quotas import QuotaUnit as QuotaUnit
from .quotas import Use as Use
from .quotas import exhausted as exhausted
from .quotas import period_of as period_of
from .ranges import MinuteRange as MinuteRange
from .recurrence import Occurrence as Occurrence
from .recurrence import Recurrence as Recurrence
from .recurrence import check_recurrence as check_recurrence
from .request import BookingRequest as BookingRequest
from .request import Limits as Limits
from .request import check_request as check_request
from .states import TERMINAL as TERMINAL
from .states import TRANSITIONS as TRANSITIONS
from .states import Action as Action
from .states import Actor as Actor
from .states import Guard as Guard
from .states import Timer as Timer
from .states import Transition as Transition
from .states import allowed_actions as allowed_actions
from .states import transitions_from as transitions_from
from .steps import Circumstances as Circumstances
from .steps import step as step
from .tiers import tier_priority as tier_priority
from .tiers import tiers_allowed as tiers_allowed
from .timetable import Timetable as Timetable
from .waitlist import OfferKind as OfferKind
from .waitlist import WaitlistEntry as WaitlistEntry
from .waitlist import offer_kind as offer_kind
from .waitlist import offer_until as offer_until
from .waitlist import waitlist_order as waitlist_order
from .windows import Window as Window
from .windows import windows_of_day as windows_of_day
from .work_hours import DEFAULT_WORK_HOURS as DEFAULT_WORK_HOURS
from .work_hours import GivenRange as GivenRange
from .work_hours import WorkHours as WorkHours
from .work_hours import WorkRange as WorkRange
from .work_hours import checked_ranges as checked_ranges
from .work_hours import work_hours_on as work_hours_on
