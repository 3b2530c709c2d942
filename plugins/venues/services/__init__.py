"""What is done with venues: every function takes the district, the viewer and plain values, and answers rows.

Those that write run in a unit of work; permission is judged before anything else about the input. 业务用例。
"""

from __future__ import annotations

from .access import Behalf as Behalf
from .acting import Command as Command
from .appeals import AppealState as AppealState
from .appeals import appeal_no_show as appeal_no_show
from .appeals import decide_appeal as decide_appeal
from .appeals import waive_no_show as waive_no_show
from .attend import check_in as check_in
from .attend import check_out as check_out
from .book import book as book
from .cancel import cancel as cancel
from .closures import close_venue as close_venue
from .decide import approve as approve
from .decide import reject as reject
from .hours import set_work_hours as set_work_hours
from .photos import add_photos as add_photos
from .photos import remove_photo as remove_photo
from .policies import approve_policy as approve_policy
from .policies import set_policy as set_policy
from .reading import availability as availability
from .reading import may_come as may_come
from .reading import windows as windows
from .recheck import recheck_partners as recheck_partners
from .recheck import reevaluate as reevaluate
from .series import book_series as book_series
from .series import cancel_series as cancel_series
from .usage import record_usage as record_usage
from .venues import VenueValues as VenueValues
from .venues import create_venue as create_venue
from .venues import update_venue as update_venue
from .waiting import join_waitlist as join_waitlist
from .waiting import leave_waitlist as leave_waitlist
from .waiting import take_offer as take_offer
