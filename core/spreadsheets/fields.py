"""The fields that a column of a sheet may be, by one list of keys: what they are called, and how their cells are read.

A row of any kind may carry the fields of `kinds`; a PEOPLE row also where somebody lives, a PREMISES row also who owns.
POSTS name who holds the post by the keys of people. `values` of a row have the types that the comments tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from . import identity, texts, words
from .dates import read_date
from .field import H, P, SheetField, T, U, of
from .home_fields import HOME, PLACE
from .person_fields import PERSON

_UNIT = (
    of(
        "unit.name",
        "单位名称",
        "Name of the unit",
        "单位 名称 企业名称 机构名称 公司名称 商户名称 店铺名称 驻区单位 单位全称 法人名称",
        texts.read_title,
        (U,),
        (U,),
    ),  # str
    of(
        "unit.creditCode",
        "统一社会信用代码",
        "Credit code",
        "信用代码 社会信用代码 统一信用代码 组织机构代码 营业执照号 统一社会信用代码证号",
        identity.read_credit_code,
        (U,),
    ),  # str, 18 characters, checked
    of(
        "unit.nature",
        "单位性质",
        "Nature",
        "单位类型 单位类别 企业性质 性质 机构类型 类型 类别",
        words.read_nature,
        (U,),
        choices=("机关", "企业", "事业单位", "军警", "中省直单位", "新经济组织", "新社会组织"),
    ),  # "AGENCY", ..
    of(
        "unit.address",
        "单位地址",
        "Address of the unit",
        "地址 办公地址 经营地址 注册地址 详细地址 企业地址 经营场所",
        texts.read_address,
        (U,),
    ),  # str
    of(
        "unit.phone",
        "单位电话",
        "Phone of the unit",
        "办公电话 电话 联系电话 单位联系电话 固定电话 座机",
        identity.read_phone,
        (U,),
    ),  # str
    of(
        "unit.community",
        "所在社区",
        "Community of the unit",
        "所属社区 社区 社区名称 驻在社区 驻区社区 辖区社区",
        texts.read_title,
        (U,),
    ),  # str: a name or a code
)
_POST = (
    of(
        "post.kind",
        "职务",
        "Post",
        "岗位 任职 担任职务 职务名称 现任职务 社区职务 党内职务 职位 任职岗位",
        words.read_post,
        (T,),
        (T,),
    ),  # str
    of(
        "post.org",
        "任职组织",
        "Organisation of the post",
        "任职单位 网格名称 所在党支部 党组织名称 所在组织 任职机构 组织名称 所属组织 任职网格 "
        "所在网格 网格 社区 所在社区 所属社区 所属网格 负责网格 单位 单位名称 微网格",
        texts.read_title,
        (T,),
        (T,),
    ),  # str: a name or a code
    of(
        "validFrom",
        "开始日期",
        "From",
        "起始日期 任职时间 任职日期 入住时间 入住日期 任职开始时间 生效日期 登记日期 起始时间 开始时间 取得日期",
        read_date,
        (P, H, T),
    ),  # date
    of(
        "validTo",
        "结束日期",
        "Until",
        "截止日期 离任时间 离任日期 任期届满 到期日期 结束时间 终止日期 租期至",
        read_date,
        (P, H, T),
    ),  # date, the last day that counts
    of("remark", "备注", "Remark", "说明 备注说明 其他说明", texts.read_text, (P, H, U, T), kept=False),
)

FIELDS: Mapping[str, SheetField] = MappingProxyType({one.key: one for one in (*PERSON, *PLACE, *HOME, *_UNIT, *_POST)})
"""Every field, by its key."""

_UNKEPT = """
    序号 编号 年龄 民族 籍贯 文化程度 学历 婚姻状况 婚姻 健康状况 职业 兵役状况 宗教信仰 血型 身高 车牌号
    联系人 紧急联系人 是否党员 户籍地址 户籍地 户口性质 签名 签字 照片 邮箱 微信号 填表人 人户状态 登记人
    法定代表人 法人代表 负责人 员工人数 从业人数 是否低保 是否残疾 特殊人群 建成年代 房屋结构 户型 是否出租
    No. NO 行号
"""
UNKEPT = frozenset(_UNKEPT.split())
"""Headings that communities write and of which nothing is kept here."""
