"""What personal data are used for, so that people can agree to it or not. 处理目的。"""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
LONGEST_NAME = 100


@dataclass(frozen=True)
class Purpose:
    """Something that personal data are used for (PIPL art. 6, 14, 17). 个人信息处理目的。

    `name` is `<plugin>.<purpose>`; title and description are shown to whoever is asked for consent.
    """

    name: str
    title_en: str
    title_zh: str
    description_en: str
    description_zh: str

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or len(self.name) > LONGEST_NAME:
            raise ValueError(f"purpose {self.name!r}: expected <plugin>.<purpose> in lower case")
        if not all(part.strip() for part in (self.title_en, self.title_zh, self.description_en, self.description_zh)):
            raise ValueError(f"purpose {self.name}: give title and description in both languages")


CORE_PURPOSES = (
    Purpose(
        "core.registry",
        "Registry of residents",
        "居民信息登记",
        "Name, id number, phone and residence are kept so that the community can serve and reach its residents.",
        "登记姓名、公民身份号码、电话和居住地，用于社区服务和联系居民。",
    ),
    Purpose(
        "core.contact",
        "Calls about community matters",
        "社区事务联系",
        "The phone number is used to call about activities and offers that are not a duty of the community.",
        "使用电话号码通知社区活动和自愿参加的服务。",
    ),
    Purpose(
        "core.disclosure",
        "Handing data on to others",
        "向第三方提供",
        "Personal data are given to a body outside the district, which is named at each time (PIPL art. 23).",
        "向本区县以外的机构提供个人信息，每次告知接收方（个人信息保护法第二十三条）。",
    ),
)
