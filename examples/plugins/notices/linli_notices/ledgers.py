"""The register of notices, as a workbook."""

from __future__ import annotations

from linli.core.plugins.manifest import Title
from linli.core.records.classes import FieldClass
from linli.schema.ledgers import ByPlace, Column, Ledger

POSTED = Ledger(
    code="notices.posted",
    title=Title(en="Notices", zh="公告台账"),
    description="What communities told everybody. 各社区发布的公告。",
    type="Notice",
    place="org",
    columns=(
        Column("org", Title(en="Posted by", zh="发布单位"), "org.name", 20),
        Column("words", Title(en="Text", zh="内容"), "words", 60),
        Column(
            "posted",
            Title(en="Posted at", zh="发布时间"),
            lambda row, _info: row.created_at,
            17,
            FieldClass.PUBLIC,
            timed=True,
        ),
    ),
    groups=(ByPlace("community", Title(en="By community", zh="按社区"), ("COMMUNITY",)),),
    order=("created_at",),
)
