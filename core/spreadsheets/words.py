"""Cells that hold one of a few words: gender, party status, relations, tenures, uses. 用语对照。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..people.document_rules import DocumentKind
from ..people.officers import MICRO_GRID_OFFICER
from ..registry.words import HouseholdRelation, PremisesUse, TenureKind
from .cells import Cell, Reading, squeezed
from .findings import UnreadError

LONGEST_POST, LONGEST_PARTY_STATUS = 40, 20


def _words(pairs: Mapping[str, str]) -> dict[str, str]:
    return {word: value for value, words in pairs.items() for word in (*words.split(), value)}


def _numbered(codes: Iterable[str]) -> dict[str, str]:
    return {f"{number:02d}": code for number, code in enumerate(codes, start=1)}


GENDERS = _words({"MALE": "男 男性 先生 M 1 01", "FEMALE": "女 女性 女士 F 2 02"})
_STATUSES = (
    *("中共党员", "中共预备党员", "共青团员", "民革党员", "民盟盟员", "民建会员", "民进会员"),
    *("农工党党员", "致公党党员", "九三学社社员", "台盟盟员", "无党派人士", "群众"),
)
PARTY_STATUSES = _numbered(_STATUSES) | _words(
    {
        "中共党员": "党员 共产党员 中国共产党党员 正式党员 中共正式党员 MEMBER",
        "中共预备党员": "预备党员 中国共产党预备党员 PROBATIONARY_MEMBER",
        "共青团员": "团员 中国共产主义青年团团员 共青团",
        "民革党员": "民革 民革会员 中国国民党革命委员会会员",
        "民盟盟员": "民盟 中国民主同盟盟员",
        "民建会员": "民建 中国民主建国会会员",
        "民进会员": "民进 中国民主促进会会员",
        "农工党党员": "农工党 中国农工民主党党员",
        "致公党党员": "致公党 中国致公党党员",
        "九三学社社员": "九三学社",
        "台盟盟员": "台盟 台湾民主自治同盟盟员",
        "无党派人士": "无党派 无党派民主人士",
        "群众": "普通群众 普通公民 公民 居民 少先队员",
    }
)
"""By names and codes of GB/T 4762-1984 and how people shorten them. 政治面貌。"""
RELATIONS = _words(
    {
        "HEAD": "户主 本人 自己 户主本人",
        "SPOUSE": "配偶 妻 妻子 夫 丈夫 爱人 老婆 老公 夫妻",
        "SON": "子 儿子 长子 次子 二子 三子 四子 五子 独生子 养子 继子 女婿 儿 之子 大儿子 二儿子 小儿子",
        "DAUGHTER": "女 女儿 长女 次女 二女 三女 四女 五女 独生女 养女 继女 儿媳 儿媳妇 媳妇 之女 大女儿 二女儿 小女儿",
        "GRANDCHILD": "孙子 孙女 外孙 外孙女 外孙子 孙 孙媳 孙女婿 曾孙 曾孙子 曾孙女 重孙 重孙女",
        "PARENT": "父 母 父亲 母亲 父母 爸爸 妈妈 公公 婆婆 岳父 岳母 继父 继母 养父 养母",
        "GRANDPARENT": "祖父 祖母 外祖父 外祖母 爷爷 奶奶 外公 外婆 姥姥 姥爷 祖父母 曾祖父 曾祖母",
        "SIBLING": "兄 弟 姐 妹 哥哥 弟弟 姐姐 妹妹 兄弟 姐妹 兄弟姐妹 嫂 嫂子 弟媳 弟妹 姐夫 妹夫 妹 兄长",
        "OTHER": "其他 其它 亲属 亲戚 非亲属 其他亲属 保姆 朋友 租客 侄子 侄女 外甥 外甥女 叔叔 伯父 姑姑 舅舅 姨",
    }
)
"""To the head of the household; by GB/T 4761-2008 sons-in-law count as sons, daughters-in-law as daughters."""
TENURES = _words(
    {
        "OWNER": "业主 自有 产权人 房主 自住 自购 所有 所有人 单独所有 独有 户主 自有住房 自有自住 产权所有人 购买",
        "CO_OWNER": "共有 共有人 共同共有 按份共有 共有产权 共有产权人 共同所有",
        "TENANT": "租 租户 租客 租住 承租 承租人 租赁 租房 租用 公租 公租房 租赁户",
        "OCCUPANT": "居住人 居住 借住 寄住 寄居 同住 同住人 家属 亲属 家庭成员 暂住 使用人 住户 实际居住人",
    }
)
USES = _words(
    {
        "RESIDENTIAL": "住宅 居住 居民 民用 自住 成套住宅 住房 商品房 居民住宅 普通住宅 别墅 公寓 房改房 安置房",
        "COMMERCIAL": "商铺 商业 门面 店铺 商用 营业 商业服务 门面房 商业用房 商住 经营 经营性用房",
        "OFFICE": "办公 写字楼 办公用房 办公室",
        "PARKING": "车位 车库 停车位 停车场 地下车位",
        "STORAGE": "储藏室 储藏 储藏间 储物间 杂物间 仓库 仓储 柴房",
        "COMMUNITY": "社区用房 公共 物业用房 公建 配套用房 公共用房 党群服务中心 公共服务用房",
        "OTHER": "其他 其它",
    }
)
NATURES = _words(
    {
        "AGENCY": "机关 党政机关 行政机关 政府机关 国家机关",
        "ENTERPRISE": "企业 国企 国有企业 民营企业 私营企业 公司 有限责任公司 股份有限公司 外资企业",
        "INSTITUTION": "事业单位 事业 学校 医院",
        "MILITARY_POLICE": "军警 部队 军队 武警 军警单位",
        "CENTRAL_PROVINCIAL": "中省直单位 中央单位 省直单位 中直单位 中省直",
        "NEW_ECONOMIC": "新经济组织 非公企业 非公有制企业 个体工商户 个体户 个体 非公经济组织",
        "NEW_SOCIAL": "新社会组织 社会组织 社会团体 民办非企业 民办非企业单位 社团 基金会",
    }
)
CITIZEN_ID = "CITIZEN_ID"
"""A row says that its document is the citizen id itself, which has a field of its own."""
DOCUMENTS = _words(
    {
        CITIZEN_ID: "身份证 居民身份证 第二代居民身份证 二代身份证 公民身份证 户口簿 户口本",
        "PASSPORT": "护照 普通护照 外国护照 中国护照 外籍护照 公务护照 外交护照",
        "HK_MACAO_PERMIT": "港澳居民来往内地通行证 港澳通行证 港澳居民通行证 港澳来往内地通行证 回乡证 港澳证件",
        "TAIWAN_PERMIT": "台湾居民来往大陆通行证 台湾居民通行证 台湾通行证 台胞证",
        "FOREIGN_PERMANENT_RESIDENCE": "外国人永久居留身份证 外国人永久居留证 永久居留证 永居证 五星卡",
        "MILITARY_ID": "军人证 军官证 士兵证 士官证 文职干部证 军人证件 武警警官证 警官证 军人身份证",
        "BIRTH_CERTIFICATE": "出生医学证明 出生证 出生证明",
        "OTHER": "其他 其它 其他证件 其它证件",
    }
)
assert set(DOCUMENTS.values()) == {*DocumentKind, CITIZEN_ID}, "every kind of document has words"
POSTS = _words({MICRO_GRID_OFFICER: "微网格员 微网格长"})
_CODE_LENGTH = 2
_BY_FIRST_DIGIT = ("HEAD", "SPOUSE", "SON", "DAUGHTER", "GRANDCHILD", "PARENT", "GRANDPARENT", "SIBLING", "OTHER")
assert set(RELATIONS.values()) == set(HouseholdRelation), "every relation has words"
assert set(TENURES.values()) == set(TenureKind), "every tenure has words"
assert set(USES.values()) == set(PremisesUse), "every use has words"


def _word(cell: Cell) -> str:
    return squeezed(cell).rstrip(".。").upper()


def read_gender(cell: Cell, reading: Reading) -> str:
    """MALE or FEMALE, by words and by codes of GB/T 2261.1. UnreadError GENDER."""
    found = GENDERS.get(_word(cell))
    if found is None:
        raise UnreadError("GENDER", "Write {allowed}", allowed="男 / 女")
    return found


def read_party_status(cell: Cell, reading: Reading) -> str:
    """The name of GB/T 4762; what is none is kept as it is, with a warning (PARTY_STATUS_UNKNOWN)."""
    written = squeezed(cell)
    found = PARTY_STATUSES.get(written.upper())
    if found is not None:
        return found
    if len(written) > LONGEST_PARTY_STATUS:
        raise UnreadError("TEXT_LENGTH", "At most {most} characters", most=LONGEST_PARTY_STATUS)
    reading.warn("PARTY_STATUS_UNKNOWN", "No party status of GB/T 4762: {found} is kept as it is", found=written)
    return written


def read_relation(cell: Cell, reading: Reading) -> str:
    """A HouseholdRelation; a word that nobody knows becomes OTHER, with a warning (RELATION_UNKNOWN)."""
    word = _word(cell)
    if len(word) == _CODE_LENGTH and word.isascii() and word.isdigit():
        return _BY_FIRST_DIGIT[min(int(word[0]), len(_BY_FIRST_DIGIT) - 1)]
    found = RELATIONS.get(word.removeprefix("户主之").removeprefix("户主的") or word)
    if found is None:
        reading.warn("RELATION_UNKNOWN", "{found} is no known relation to the head: taken as other", found=word)
    return found or HouseholdRelation.OTHER.value


def read_tenure(cell: Cell, reading: Reading) -> str:
    """A TenureKind. UnreadError TENURE."""
    found = TENURES.get(_word(cell))
    if found is None:
        raise UnreadError("TENURE", "Write {allowed}", allowed="业主 / 共有人 / 租户 / 居住人")
    return found


def read_use(cell: Cell, reading: Reading) -> str:
    """A PremisesUse; a word that nobody knows becomes OTHER, with a warning (USE_UNKNOWN)."""
    word = _word(cell)
    found = USES.get(word)
    if found is None:
        reading.warn("USE_UNKNOWN", "{found} is no known use of premises: taken as other", found=word)
    return found or PremisesUse.OTHER.value


def read_document_kind(cell: Cell, reading: Reading) -> str:
    """A DocumentKind, or CITIZEN_ID; a word that nobody knows becomes OTHER, with a warning (DOCUMENT_KIND_UNKNOWN)."""
    word = _word(cell)
    found = DOCUMENTS.get(word)
    if found is None:
        reading.warn("DOCUMENT_KIND_UNKNOWN", "{found} is no known kind of document: taken as another one", found=word)
    return found or DocumentKind.OTHER.value


def read_nature(cell: Cell, reading: Reading) -> str:
    """The `nature` of a unit. UnreadError NATURE."""
    found = NATURES.get(_word(cell))
    if found is None:
        raise UnreadError("NATURE", "Write {allowed}", allowed="机关 / 企业 / 事业单位 / 新经济组织 / 新社会组织 ..")
    return found


def read_post(cell: Cell, reading: Reading) -> str:
    """The kind of a post: the code of one that core knows, otherwise as it is written."""
    written = squeezed(cell)
    if len(written) > LONGEST_POST:
        raise UnreadError("TEXT_LENGTH", "At most {most} characters", most=LONGEST_POST)
    return POSTS.get(written, written)
