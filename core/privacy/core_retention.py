"""How long core's own tables keep what tells of people. 核心数据保存期限。"""

from __future__ import annotations

from tortoise.expressions import Q

from ..access.acted_for_models import ActedFor
from ..access.models import (
    Account,
    AccountSession,
    Identity,
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
from ..inbox.models import ChannelChoice, Notification
from ..people.document_models import IdentityDocument
from ..people.merge_models import PersonMerge
from ..people.models import Person, Post
from ..people.relation_models import PersonRelation
from ..people.relation_rules import PersonRelationState
from ..records.delivery_models import Delivery
from ..records.models import EventPayload, PersonKey, Request
from ..registry.models import HouseholdMember, Premises, Tenure
from ..sheet_imports.models import SheetEntry, SheetFinding, SheetImport
from ..sheet_imports.words import AT_WORK, SheetState
from .file_purposes import ANNOTATED_SPREADSHEET, CONSENT_EVIDENCE, SPREADSHEET
from .models import Consent, PersonRequest
from .requests import RequestKind
from .retention import KeptForGood, Retention, RetentionRule

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
_BY_KEY = (
    "The chain of events stays; what it tells of a person is under the person's key, which an erasure destroys. "
    "事件链须留存，其中个人信息由个人密钥加密，删除时销毁密钥。"
)
_SHEETS = (
    "A sheet says twice what is in the registry by then; to mend and to take it back 30 days are enough, a default of "
    "Linli. 表格内容已登记入库，更正与撤销三十日足够，为平台默认值。"
)
_IN_USE = "Counts while it is in use, and goes when its owner ends it. 使用期间保存，停用时即清除。"

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
        rows=lambda: Q(purpose__in=[SPREADSHEET.name, ANNOTATED_SPREADSHEET.name], state=FileState.ATTACHED.value),
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

KEPT: tuple[KeptForGood, ...] = (
    KeptForGood(
        "core.registry",
        Person,
        "The registry of residents serves a duty of the community, and ends by an erasure, which somebody decides "
        "(PIPL art. 47). 居民登记为履行社区职责所必需，经申请审核后删除（个人信息保护法第四十七条）。",
        frozenset(
            {
                "name",
                "name_key",
                "name_initials",
                "gender",
                "birth_date",
                "id_number",
                "phone",
                "party_status",
                "registered_residence_id",
                "habitual_residence_id",
                "employer_id",
            }
        ),
    ),
    KeptForGood(
        "core.premises",
        Premises,
        "The address is that of a home, which stays whoever lives there. 地址属房屋信息，不随居住人变动。",
        frozenset({"address"}),
    ),
    KeptForGood(
        "core.tenures",
        Tenure,
        "Who owns counts for votes as long as it is so, and for past ones after that (Civil Code art. 278). "
        "权属在有效期内及其后均关系业主表决。",
        frozenset({"evidence"}),
    ),
    KeptForGood(
        "core.household_members",
        HouseholdMember,
        "The registry of residents serves a duty of the community, and ends by an erasure (PIPL art. 47). "
        "居民登记为履行社区职责所必需，经申请审核后删除。",
    ),
    KeptForGood(
        "core.posts",
        Post,
        "Who held a post is part of the organisation's history. 任职经历属组织沿革。",
    ),
    KeptForGood(
        "core.accounts",
        Account,
        "Who acted by which account stays provable; a password stays while the account may be used. "
        "账号与操作者的对应关系须可查；口令在账号可用期间保存。",
        frozenset({"password_hash"}),
    ),
    KeptForGood(
        "core.person_relations",
        PersonRelation,
        "What a relation was confirmed by is proved as long as somebody acts by it, and that they did stays provable. "
        "关系有效期间须能证明其依据，曾可代为办理的事实须可查。",
        frozenset({"claim_evidence", "decision_evidence"}),
    ),
    KeptForGood(
        "core.merged_persons",
        PersonMerge,
        "Whose id stands for whom is needed as long as somebody knows the old one. 旧标识仍被使用期间须可解析。",
    ),
    KeptForGood(
        "core.identity_documents",
        IdentityDocument,
        "Part of the registry of residents while it counts (PIPL art. 47). "
        "证件有效期间属居民登记信息（个人信息保护法第四十七条）。",
        frozenset({"number", "country", "valid_until"}),
    ),
    KeptForGood(
        "core.acts_for_others",
        ActedFor,
        "That somebody acted for a person stays provable, without the evidence. 代办事实须可查，凭证到期清除。",
    ),
    KeptForGood(
        "core.channel_choices",
        ChannelChoice,
        "By which channels somebody does not want to be told counts until it is changed. 通知渠道选择在更改前有效。",
    ),
    KeptForGood("core.identities", Identity, _IN_USE, frozenset({"subject"})),
    KeptForGood("core.second_factors", SecondFactor, _IN_USE, frozenset({"secret"})),
    KeptForGood("core.recovery_codes", RecoveryCode, _IN_USE, frozenset({"digest"})),
    KeptForGood(
        "core.service_tokens",
        Token,
        "A token without an end counts until it is revoked. 无期限令牌在吊销前有效。",
        frozenset({"digest"}),
    ),
    KeptForGood(
        "core.consents",
        Consent,
        "A consent is proved as long as it counts, and that it was given and withdrawn stays provable (PIPL art. 14, "
        "15). 同意有效期间须能证明，给予与撤回的事实须可查。",
        frozenset({"evidence"}),
    ),
    KeptForGood(
        "core.files",
        File,
        "A file is kept as long as the record that it belongs to; one that nobody uses is destroyed within days. "
        "文件随所属记录保存，未使用的在数日内销毁。",
        frozenset({"name", "sha256", "given_sha256", "secret"}),
    ),
    KeptForGood(
        "core.open_person_requests",
        PersonRequest,
        "A request keeps its words until it is decided; that it was made stays provable (PIPL art. 50). "
        "请求在办结前保留内容，提出请求的事实须可查。",
    ),
    KeptForGood(
        "core.sheet_imports",
        SheetImport,
        "That somebody brought in so many rows stays provable; the file and its name go. "
        "导入行为与行数须可查，文件与文件名到期清除。",
    ),
    KeptForGood("core.event_payloads", EventPayload, _BY_KEY, frozenset({"salt", "payload", "secret"})),
    KeptForGood("core.person_keys", PersonKey, _BY_KEY, frozenset({"secret"})),
)

RETENTION: tuple[Retention, ...] = (*RULES, *KEPT)
