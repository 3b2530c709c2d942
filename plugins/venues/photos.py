"""What photos of venues are: public as the venues. 场所照片。"""

from __future__ import annotations

from linli.core.files.purposes import IMAGES, FilePurpose
from linli.core.records.classes import FieldClass

from .models import Venue
from .permissions import COMMUNITY_MANAGE, VENUE_WRITE

PHOTO = FilePurpose(
    "venues.photo",
    Venue,
    IMAGES,
    10_000_000,
    FieldClass.PUBLIC,
    (VENUE_WRITE, COMMUNITY_MANAGE),
    "Photos that show a venue to everybody. 公开展示的场所照片。",
    most=12,
)
