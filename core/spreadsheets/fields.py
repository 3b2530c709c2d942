"""The fields that a column of a sheet may be, by one list of keys: what they are called, and how their cells are read.

A row of any kind may carry the fields of `kinds`; a PEOPLE row also where somebody lives, a PREMISES row also who owns.
POSTS name who holds the post by the keys of people. `values` of a row have the types that the comments tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from . import countries, identity, places, quantities, texts, words
from .cells import Cell, Reading
from .dates import read_date


class SheetKind(StrEnum):
    """What a row of a sheet is above all. 表格类型。"""

    PEOPLE = "PEOPLE"  # 人员
    PREMISES = "PREMISES"  # 房屋
    UNITS = "UNITS"  # 单位
    POSTS = "POSTS"  # 任职


@dataclass(frozen=True, slots=True)
class SheetField:
    """A field: its heading in Chinese and English, other headings that communities write, and how a cell is read.

    `read` raises UnreadError for what is no such value. `personal` values are masked in previews. `required` are the
    kinds of sheets that cannot do without. `kept` is False for what is known and not imported. `hint` is for templates.
    """

    key: str
    title: str
    title_en: str
    titles: tuple[str, ...]
    read: Callable[[Cell, Reading], Any]
    kinds: frozenset[SheetKind]
    required: frozenset[SheetKind] = frozenset()
    personal: bool = False
    kept: bool = True
    hint: str = ""
    choices: tuple[str, ...] = ()


P, H, U, T = SheetKind.PEOPLE, SheetKind.PREMISES, SheetKind.UNITS, SheetKind.POSTS


def _of(  # noqa: PLR0917  a table reads better in columns
    key: str,
    title: str,
    title_en: str,
    titles: str,
    read: Callable[[Cell, Reading], Any],
    kinds: tuple[SheetKind, ...],
    required: tuple[SheetKind, ...] = (),
    **more: Any,
) -> SheetField:
    return SheetField(key, title, title_en, tuple(titles.split()), read, frozenset(kinds), frozenset(required), **more)


_PERSON = (
    _of(
        "person.name",
        "姓名",
        "Name",
        "名字 家庭成员姓名 家庭成员 "
        "人员姓名 居民姓名 姓名全称 党员姓名 成员姓名 人口姓名 任职人 任职人员 负责人姓名 网格员姓名 被登记人",
        texts.read_name,
        (P, T),
        (P, T),
        personal=True,
    ),  # str
    _of(
        "person.idNumber",
        "身份证号",
        "Id number",
        "身份证 身份证号码 公民身份号码 公民身份证号码 居民身份证号 "
        "居民身份证号码 身份号码 身份证件号 证件号 证件号码 身份证号(18位)",
        identity.read_id_number,
        (P, T),
        personal=True,
        hint="18 位，按文本填写",
    ),  # str, 18 characters, checked
    _of(
        "person.document",
        "其他证件号",
        "Other document",
        "其他证件 护照号 护照号码 护照 通行证号 其他证件号码 港澳台证件号",
        identity.read_document,
        (P,),
        personal=True,
        hint="护照、通行证等",
    ),  # str
    _of(
        "person.documentKind",
        "证件类型",
        "Kind of document",
        "证件种类 证件类别 证件名称 其他证件类型 其他证件种类 其他证件名称 身份证件类型",
        words.read_document_kind,
        (P,),
        choices=("居民身份证", "护照", "港澳居民来往内地通行证", "台湾居民来往大陆通行证", "外国人永久居留身份证"),
        personal=True,
    ),  # "PASSPORT", .., or "CITIZEN_ID"
    _of(
        "person.documentCountry",
        "国籍",
        "Nationality",
        "国籍(地区) 国家 签发国家 证件签发国 国籍地区 国籍或地区 所属国家",
        countries.read_country,
        (P,),
        personal=True,
        hint="护照须填写",
    ),  # str, three letters of ISO 3166-1
    _of(
        "person.gender", "性别", "Gender", "男女", words.read_gender, (P,), choices=("男", "女"), personal=True
    ),  # "MALE", "FEMALE"
    _of(
        "person.birthDate",
        "出生日期",
        "Date of birth",
        "生日 出生年月日 出生年月 出生时间 出生",
        read_date,
        (P,),
        personal=True,
        hint="如 1952-06-15",
    ),  # date
    _of(
        "person.phone",
        "联系电话",
        "Phone",
        "电话 手机 手机号 手机号码 联系方式 电话号码 移动电话 联系手机 本人电话 固定电话",
        identity.read_phone,
        (P, T),
        personal=True,
    ),  # str: 11 digits, or a landline
    _of(
        "person.partyStatus",
        "政治面貌",
        "Party status",
        "政治身份 党派 政治面目",
        words.read_party_status,
        (P,),
        choices=("中共党员", "中共预备党员", "共青团员", "群众"),
        personal=True,
    ),  # str
    _of(
        "person.employer",
        "工作单位",
        "Employer",
        "单位 所在单位 工作单位名称 就业单位 从业单位 服务处所 就职单位 工作单位(学校)",
        texts.read_title,
        (P,),
        personal=True,
    ),  # str: a name or a credit code
    _of(
        "person.registeredCommunity",
        "户籍社区",
        "Community of registration",
        "户籍所在社区 户籍所在村 户籍村社 户口所在社区 户籍社区(村) 户籍地社区",
        texts.read_title,
        (P,),
        personal=True,
    ),  # str: a name or a code
    _of(
        "person.habitualCommunity",
        "居住社区",
        "Community of residence",
        "现居社区 常住社区 所在社区 所属社区 社区 社区名称 村社 村(社区) 社区(村) 居住社区(村)",
        texts.read_title,
        (P,),
        personal=True,
    ),  # str: a name or a code
)
_PLACE = (
    _of(
        "place.compound", "小区", "Compound", "小区名称 所在小区 所属小区 楼盘 院落 居住小区", texts.read_title, (P, H)
    ),  # str: a name or a code
    _of(
        "place.building",
        "楼栋",
        "Building",
        "栋 幢 楼号 栋号 幢号 楼幢 楼 楼栋号 楼栋名称 所在楼栋 号楼 座",
        places.read_building,
        (P, H),
        hint="如 3栋",
    ),  # str
    _of("place.unit", "单元", "Entrance", "单元号 门栋", places.read_unit, (P, H)),  # str
    _of("place.floor", "楼层", "Floor", "层 层数 所在层 所在楼层", places.read_floor, (P, H)),  # int
    _of(
        "place.number",
        "房号",
        "Room",
        "室 室号 房间号 房间 门牌 门牌号 户室 房屋号 门号 房室号 户室号 房屋编号",
        places.read_number,
        (P, H),
        (H,),
    ),  # str
    _of(
        "place.address",
        "住址",
        "Address",
        "地址 现住址 家庭住址 居住地址 现居住地 详细地址 居住地 家庭地址 常住地址 "
        "房屋地址 房屋坐落 坐落 现居住地址 实际居住地址 居住详址 住所 房屋位置 现住地址 居住地详址",
        texts.read_address,
        (P, H),
        personal=True,
        hint="如 幸福小区3栋2单元501",
    ),  # str; its plain parts become the fields above
    _of(
        "place.grid",
        "网格",
        "Grid",
        "所属网格 所在网格 网格名称 网格编号 微网格 所属微网格 网格号 微网格名称",
        texts.read_title,
        (P, H),
    ),  # str: a name or a code
)
_HOME = (
    _of(
        "premises.area",
        "面积",
        "Area",
        "建筑面积 房屋面积 套内面积 专有面积 产权面积 住房面积 产证面积 面积(平方米)",
        quantities.read_area,
        (P, H),
        hint="平方米",
    ),  # int, hundredths of a square metre
    _of(
        "premises.use",
        "房屋用途",
        "Use",
        "用途 房屋类型 房屋性质 房屋使用性质 使用性质 规划用途",
        words.read_use,
        (P, H),
        choices=("住宅", "商铺", "办公", "车位", "储藏室"),
    ),  # "RESIDENTIAL", ..
    _of(
        "tenure.kind",
        "居住关系",
        "Tenure",
        "权属 产权性质 居住性质 权属类型 业主类型 住户类型 房屋权属 居住类型 与房屋关系 居住状况 人房关系 房屋关系",
        words.read_tenure,
        (P, H),
        choices=("业主", "共有人", "租户", "居住人"),
    ),  # "OWNER", ..
    _of(
        "tenure.share",
        "产权份额",
        "Share",
        "份额 共有份额 产权比例 所占份额 持有比例 共有比例 产权占比",
        quantities.read_share,
        (P, H),
        hint="如 1/2、50%",
    ),  # (numerator, denominator)
    _of(
        "owner.name",
        "业主姓名",
        "Owner",
        "业主 产权人 房主 户主姓名(业主) 产权人姓名 房主姓名 所有权人 权利人 产权所有人 房屋所有人",
        texts.read_name,
        (H,),
        personal=True,
    ),  # str
    _of(
        "owner.idNumber",
        "业主身份证号",
        "Owner's id number",
        "业主身份证 业主身份证号码 产权人身份证号 业主证件号码 房主身份证号 产权人证件号 权利人证件号 产权人身份证号码",
        identity.read_id_number,
        (H,),
        personal=True,
    ),  # str
    _of(
        "owner.phone",
        "业主电话",
        "Owner's phone",
        "业主联系电话 业主手机 业主手机号 业主联系方式 产权人电话 房主电话 产权人联系电话 房主联系电话",
        identity.read_phone,
        (H,),
        personal=True,
    ),  # str
    _of(
        "household.relation",
        "与户主关系",
        "Relation to the head",
        "户主关系 与户主的关系 家庭关系 与户主之关系 关系 与房主关系",
        words.read_relation,
        (P,),
        choices=("户主", "配偶", "子", "女", "父母", "其他"),
        personal=True,
    ),  # "HEAD", ..
    _of(
        "household.number",
        "户号",
        "Household number",
        "户编号 家庭编号 户口簿号 户口号 户序号 家庭户号 户口编号",
        texts.read_code,
        (P,),
        personal=True,
    ),  # str
)
_UNIT = (
    _of(
        "unit.name",
        "单位名称",
        "Name of the unit",
        "单位 名称 企业名称 机构名称 公司名称 商户名称 店铺名称 驻区单位 单位全称 法人名称",
        texts.read_title,
        (U,),
        (U,),
    ),  # str
    _of(
        "unit.creditCode",
        "统一社会信用代码",
        "Credit code",
        "信用代码 社会信用代码 统一信用代码 组织机构代码 营业执照号 统一社会信用代码证号",
        identity.read_credit_code,
        (U,),
    ),  # str, 18 characters, checked
    _of(
        "unit.nature",
        "单位性质",
        "Nature",
        "单位类型 单位类别 企业性质 性质 机构类型 类型 类别",
        words.read_nature,
        (U,),
        choices=("机关", "企业", "事业单位", "军警", "中省直单位", "新经济组织", "新社会组织"),
    ),  # "AGENCY", ..
    _of(
        "unit.address",
        "单位地址",
        "Address of the unit",
        "地址 办公地址 经营地址 注册地址 详细地址 企业地址 经营场所",
        texts.read_address,
        (U,),
    ),  # str
    _of(
        "unit.phone",
        "单位电话",
        "Phone of the unit",
        "办公电话 电话 联系电话 单位联系电话 固定电话 座机",
        identity.read_phone,
        (U,),
    ),  # str
    _of(
        "unit.community",
        "所在社区",
        "Community of the unit",
        "所属社区 社区 社区名称 驻在社区 驻区社区 辖区社区",
        texts.read_title,
        (U,),
    ),  # str: a name or a code
)
_POST = (
    _of(
        "post.kind",
        "职务",
        "Post",
        "岗位 任职 担任职务 职务名称 现任职务 社区职务 党内职务 职位 任职岗位",
        words.read_post,
        (T,),
        (T,),
    ),  # str
    _of(
        "post.org",
        "任职组织",
        "Organisation of the post",
        "任职单位 网格名称 所在党支部 党组织名称 所在组织 任职机构 组织名称 所属组织 任职网格 "
        "所在网格 网格 社区 所在社区 所属社区 所属网格 负责网格 单位 单位名称 微网格",
        texts.read_title,
        (T,),
        (T,),
    ),  # str: a name or a code
    _of(
        "validFrom",
        "开始日期",
        "From",
        "起始日期 任职时间 任职日期 入住时间 入住日期 任职开始时间 生效日期 登记日期 起始时间 开始时间 取得日期",
        read_date,
        (P, H, T),
    ),  # date
    _of(
        "validTo",
        "结束日期",
        "Until",
        "截止日期 离任时间 离任日期 任期届满 到期日期 结束时间 终止日期 租期至",
        read_date,
        (P, H, T),
    ),  # date, the last day that counts
    _of("remark", "备注", "Remark", "说明 备注说明 其他说明", texts.read_text, (P, H, U, T), kept=False),
)

FIELDS: Mapping[str, SheetField] = MappingProxyType(
    {one.key: one for one in (*_PERSON, *_PLACE, *_HOME, *_UNIT, *_POST)}
)
"""Every field, by its key."""

_UNKEPT = """
    序号 编号 年龄 民族 籍贯 文化程度 学历 婚姻状况 婚姻 健康状况 职业 兵役状况 宗教信仰 血型 身高 车牌号
    联系人 紧急联系人 是否党员 户籍地址 户籍地 户口性质 签名 签字 照片 邮箱 微信号 填表人 人户状态 登记人
    法定代表人 法人代表 负责人 员工人数 从业人数 是否低保 是否残疾 特殊人群 建成年代 房屋结构 户型 是否出租
    No. NO 行号
"""
UNKEPT = frozenset(_UNKEPT.split())
"""Headings that communities write and of which nothing is kept here."""
