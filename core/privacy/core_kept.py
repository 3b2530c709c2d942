"""What core keeps of people without an end, and why. 核心长期保存数据。"""

from __future__ import annotations

from ..access.acted_for_models import ActedFor
from ..access.models import Account, Identity, RecoveryCode, SecondFactor, Token
from ..files.models import File
from ..inbox.models import ChannelChoice
from ..people.document_models import IdentityDocument
from ..people.merge_models import PersonMerge
from ..people.models import Person, Post
from ..people.relation_models import PersonRelation
from ..records.models import EventPayload, PersonKey
from ..registry.models import HouseholdMember, Premises, Tenure
from ..sheet_imports.models import SheetImport
from .models import Consent, PersonRequest
from .retention import KeptForGood

_BY_KEY = (
    "The chain of events stays; what it tells of a person is under the person's key, which an erasure destroys. "
    "事件链须留存，其中个人信息由个人密钥加密，删除时销毁密钥。"
)
_IN_USE = "Counts while it is in use, and goes when its owner ends it. 使用期间保存，停用时即清除。"

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
