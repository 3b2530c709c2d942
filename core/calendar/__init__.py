"""The official calendar: day kinds, workday arithmetic, deadlines. 法定节假日与期间计算。"""

from __future__ import annotations

from .ages import LeapBirthday as LeapBirthday
from .ages import age as age
from .ages import birthday as birthday
from .ages import born_by as born_by
from .bundled import BUNDLED_VERSION as BUNDLED_VERSION
from .bundled import bundled_schedule as bundled_schedule
from .days import CalendarDay as CalendarDay
from .days import CalendarUnknownError as CalendarUnknownError
from .days import OfficialCalendar as OfficialCalendar
from .holiday_cn import holiday_cn as holiday_cn
from .holiday_cn import parse_holiday_cn as parse_holiday_cn
from .hours import OFFICE_HOURS as OFFICE_HOURS
from .hours import TimeRange as TimeRange
from .hours import WorkHours as WorkHours
from .hours import wall_deadline as wall_deadline
from .hours import working_deadline as working_deadline
from .hours import working_time as working_time
from .kinds import DayKind as DayKind
from .months import month_of as month_of
from .periods import Period as Period
from .periods import final_day as final_day
from .periods import last_day as last_day
from .periods import period_end as period_end
from .schedule import OfficialSchedule as OfficialSchedule
from .schedule import ScheduledDay as ScheduledDay
from .statutory import Holiday as Holiday
from .statutory import statutory_holidays as statutory_holidays
from .workdays import add_workdays as add_workdays
from .workdays import deadline as deadline
from .workdays import workdays_between as workdays_between
from .workdays import working_day_from as working_day_from
from .zones import CLOSE_OF_BUSINESS as CLOSE_OF_BUSINESS
from .zones import closing as closing
from .zones import day_bounds as day_bounds
from .zones import local_date as local_date
from .zones import local_instant as local_instant
