"""How long core's own tables keep what tells of people. 核心数据保存期限。"""

from __future__ import annotations

from tortoise.expressions import Q, Subquery

from ..access.acted_for_models import ActedFor
from ..access.models import (
    Account,
    AccountSession,
    PersonClaim,
    RecoveryCode,
    RefreshToken,
    SecondFactor,
    SignInTry,
    Token,
)
from ..files.attaching import BLANK
from ..files.models import File
from ..files.purposes import FileState
from ..inbox.models import Notification
from ..people.document_models import IdentityDocument
from ..people.merge_models import PersonMerge
from ..people.relation_models import PersonRelation
from ..people.relation_rules import PersonRelationState
from ..records.delivery_models import Delivery
from ..records.models import Request
from ..registry.models import Tenure
from ..sheet_imports.models import SheetEntry, SheetFinding, SheetImport, SheetMention
from ..sheet_imports.words import AT_WORK, SheetState
from .core_kept import KEPT
from .file_purposes import ANNOTATED_SPREADSHEET, CONSENT_EVIDENCE, SPREADSHEET
from .models import Consent, PersonRequest
from .requests import RequestKind
from .retention import Retention, RetentionRule

_LOGS = (
    "Who signed in from where is a log of the network, kept for six months at least (Cybersecurity Law of 2017, "
    "art. 21 (3)). 登录记录属网络日志，留存不少于六个月（网络安全法（2017年）第二十一条第三项）。"
)
_NO_LAW = "No law says how long: a default of Linli. 法律未规定期限，为平台默认值。"
_RECORDS = (
    "How personal data were handled is on record for three years at least (PIPL art. 56). "
    "处理情况记录至少保存三年（个人信息保护法第五十六条）。"
)
_CLAIMS = (
    "Whoever was refused may bring a claim for three years (Civil Code art. 188). "
    "诉讼时效期间为三年（民法典第一百八十八条）。"
)
_SHEETS = (
    "A sheet says twice what is in the registry by then; to mend and to take it back 30 days are enough, a default of "
    "Linli. 表格内容已登记入库，更正与撤销三十日足够，为平台默认值。"
)
_SHEET_FILES = Q(purpose__in=[SPREADSHEET.name, ANNOTATED_SPREADSHEET.name], state=FileState.ATTACHED.value)

RULES: tuple[RetentionRule, ...] = (
    RetentionRule("core.sign_in_tries", SignInTry, "since", "1 day", "1 day", "30 days", _NO_LAW),
    RetentionRule(
        "core.deliveries",
        Delivery,
        "done_at",
        "30 days",
        "1 day",
        "1 year",
        "That a handler was told of an event helps to find faults, for which 30 days are enough, a default of Linli. "
        "投递记录仅供排查，三十日为平台默认值。",
    ),
    RetentionRule(
        "core.requests",
        Request,
        "created_at",
        "7 days",
        "7 days",
        "7 days",
        "A request that is sent again is known by its id for seven days, as the API promises. "
        "按接口约定，重复请求在七日内可识别。",
    ),
    RetentionRule(
        "core.sessions",
        AccountSession,
        "expires_at",
        "6 months",
        "6 months",
        "3 years",
        _LOGS,
        person="account__person_id",
        along={RefreshToken: "session_id", Token: "session_id"},
    ),
    RetentionRule(
        "core.expired_tokens", Token, "expires_at", "30 days", "1 day", "1 year", _NO_LAW, person="account__person_id"
    ),
    RetentionRule(
        "core.revoked_tokens", Token, "revoked_at", "30 days", "1 day", "1 year", _NO_LAW, person="account__person_id"
    ),
    RetentionRule("core.used_recovery_codes", RecoveryCode, "used_at", "30 days", "1 day", "1 year", _NO_LAW),
    RetentionRule(
        "core.unconfirmed_second_factors",
        SecondFactor,
        "created_at",
        "1 day",
        "1 day",
        "30 days",
        _NO_LAW,
        rows=lambda: Q(confirmed_at=None, disabled_at=None),
        person="account__person_id",
    ),
    RetentionRule(
        "core.disabled_passwords",
        Account,
        "disabled_at",
        "6 months",
        "1 day",
        "3 years",
        "An account that is disabled needs no password; six months to take it back are a default of Linli. "
        "停用账号无需保留口令，六个月为平台默认值。",
        blank={"password_hash": None},
        person="person_id",
    ),
    RetentionRule(
        "core.person_claims",
        PersonClaim,
        "decided_at",
        "3 years",
        "6 months",
        "5 years",
        _CLAIMS,
        person="person_id",
    ),
    RetentionRule(
        "core.idle_person_claims",
        PersonClaim,
        "created_at",
        "30 days",
        "2 days",
        "1 year",
        "A claim that fits nobody is seen by nobody; a day of them is counted. No law says how long: a default of "
        "Linli. 无匹配人员的认领申请无人可见，期限为平台默认值。",
        rows=lambda: Q(person_id=None),
    ),
    RetentionRule(
        "core.person_requests",
        PersonRequest,
        "decided_at",
        "3 years",
        "3 years",
        "10 years",
        _RECORDS,
        blank={"reason": None, "changes": None, "answer": None},
        person="person_id",
    ),
    RetentionRule(
        "core.person_exports",
        PersonRequest,
        "created_at",
        "3 years",
        "3 years",
        "10 years",
        _RECORDS,
        blank={"reason": None, "changes": None, "answer": None},
        rows=lambda: Q(kind=RequestKind.EXPORT.value),
        person="person_id",
    ),
    RetentionRule(
        "core.ended_person_relations",
        PersonRelation,
        "valid_to",
        "3 years",
        "3 years",
        "10 years",
        _RECORDS,
        blank={"claim_evidence": None, "decision_evidence": None},
        person="person_id",
    ),
    RetentionRule(
        "core.refused_person_relations",
        PersonRelation,
        "decided_at",
        "3 years",
        "6 months",
        "5 years",
        _CLAIMS,
        blank={"claim_evidence": None, "decision_evidence": None},
        rows=lambda: Q(state=PersonRelationState.REFUSED.value),
        person="person_id",
    ),
    RetentionRule(
        "core.person_merges",
        PersonMerge,
        "decided_at",
        "3 years",
        "3 years",
        "10 years",
        _RECORDS,
        blank={"reason": None, "answer": None, "before": None},
        person="kept_id",
    ),
    RetentionRule(
        "core.ended_documents",
        IdentityDocument,
        "ended_at",
        "3 years",
        "30 days",
        "10 years",
        _CLAIMS,
        person="person_id",
    ),
    RetentionRule(
        "core.acted_for",
        ActedFor,
        "at",
        "3 years",
        "3 years",
        "10 years",
        _RECORDS,
        blank={"evidence": None},
        person="person_id",
    ),
    RetentionRule(
        "core.notifications",
        Notification,
        "created_at",
        "1 year",
        "30 days",
        "3 years",
        "What somebody was told is of use for a while; no law says how long: a default of Linli. "
        "消息仅供近期查阅，法律未规定期限，为平台默认值。",
        rows=lambda: Q(needs_ack=False),
        person="person_id",
    ),
    RetentionRule(
        "core.acknowledged_notifications",
        Notification,
        "created_at",
        "3 years",
        "3 years",
        "10 years",
        "Whether somebody was told matters as long as a claim may be brought (Civil Code art. 188). "
        "须确认的消息在诉讼时效期间内保存（民法典第一百八十八条）。",
        rows=lambda: Q(needs_ack=True),
        person="person_id",
    ),
    RetentionRule(
        "core.tenure_evidence",
        Tenure,
        "valid_to",
        "3 years",
        "6 months",
        "20 years",
        _CLAIMS,
        blank={"evidence": None},
        person="person_id",
    ),
    RetentionRule(
        "core.withdrawn_consents",
        Consent,
        "withdrawn_at",
        "3 years",
        "3 years",
        "10 years",
        _RECORDS,
        blank={"evidence": None, "withdrawn_evidence": None},
        person="person_id",
    ),
    RetentionRule(
        "core.withdrawn_consent_files",
        File,
        "lapsed_at",
        "3 years",
        "3 years",
        "10 years",
        _RECORDS,
        blank=BLANK,
        rows=lambda: Q(purpose=CONSENT_EVIDENCE.name, state=FileState.ATTACHED.value),
        person="person_id",
    ),
    RetentionRule(
        "core.sheets",
        SheetImport,
        "created_at",
        "30 days",
        "2 days",
        "1 year",
        _SHEETS,
        blank={"name": None, "sha256": None, "sha256_index": None},
        rows=lambda: ~Q(state__in=[state.value for state in AT_WORK]),
    ),
    RetentionRule("core.sheet_findings", SheetFinding, "created_at", "30 days", "1 day", "1 year", _SHEETS),
    RetentionRule(
        "core.sheet_mentions",
        SheetMention,
        "created_at",
        "30 days",
        "1 day",
        "1 year",
        "By them an erasure finds the sheets that speak of a person, which are kept as long. "
        "删除个人信息时据此查找所涉表格，与表格同期保存。",
        rows=lambda: ~Q(sheet_import_id__in=Subquery(File.filter(_SHEET_FILES).values("subject_id"))),
    ),
    RetentionRule(
        "core.sheet_entries",
        SheetEntry,
        "created_at",
        "30 days",
        "2 days",
        "1 year",
        _SHEETS,
        rows=lambda: ~Q(sheet_import__state=SheetState.UNDOING.value),
        person="person_id",
    ),
    RetentionRule(
        "core.sheet_files",
        File,
        "attached_at",
        "30 days",
        "1 day",
        "1 year",
        _SHEETS,
        blank=BLANK,
        rows=lambda: _SHEET_FILES,
    ),
    RetentionRule(
        "core.gone_files",
        File,
        "updated_at",
        "30 days",
        "1 day",
        "3 years",
        "What is left of a destroyed file names nothing of it; to find faults 30 days are enough, a default of Linli. "
        "已销毁文件的记录仅供排查，三十日为平台默认值。",
        rows=lambda: Q(state=FileState.GONE.value),
    ),
)

RETENTION: tuple[Retention, ...] = (*RULES, *KEPT)
