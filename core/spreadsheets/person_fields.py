"""Who somebody is, in a row of any sheet. 人员字段。"""

from __future__ import annotations

from . import countries, identity, texts, words
from .dates import read_date
from .field import P, T, of

PERSON = (
    of(
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
    of(
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
    of(
        "person.document",
        "其他证件号",
        "Other document",
        "其他证件 护照号 护照号码 护照 通行证号 其他证件号码 港澳台证件号",
        identity.read_document,
        (P,),
        personal=True,
        hint="护照、通行证等",
    ),  # str
    of(
        "person.documentKind",
        "证件类型",
        "Kind of document",
        "证件种类 证件类别 证件名称 其他证件类型 其他证件种类 其他证件名称 身份证件类型",
        words.read_document_kind,
        (P,),
        choices=("居民身份证", "护照", "港澳居民来往内地通行证", "台湾居民来往大陆通行证", "外国人永久居留身份证"),
        personal=True,
    ),  # "PASSPORT", .., or "CITIZEN_ID"
    of(
        "person.documentCountry",
        "国籍",
        "Nationality",
        "国籍(地区) 国家 签发国家 证件签发国 国籍地区 国籍或地区 所属国家",
        countries.read_country,
        (P,),
        personal=True,
        hint="护照须填写",
    ),  # str, three letters of ISO 3166-1
    of(
        "person.gender", "性别", "Gender", "男女", words.read_gender, (P,), choices=("男", "女"), personal=True
    ),  # "MALE", "FEMALE"
    of(
        "person.birthDate",
        "出生日期",
        "Date of birth",
        "生日 出生年月日 出生年月 出生时间 出生",
        read_date,
        (P,),
        personal=True,
        hint="如 1952-06-15",
    ),  # date
    of(
        "person.phone",
        "联系电话",
        "Phone",
        "电话 手机 手机号 手机号码 联系方式 电话号码 移动电话 联系手机 本人电话 固定电话",
        identity.read_phone,
        (P, T),
        personal=True,
    ),  # str: 11 digits, or a landline
    of(
        "person.partyStatus",
        "政治面貌",
        "Party status",
        "政治身份 党派 政治面目",
        words.read_party_status,
        (P,),
        choices=("中共党员", "中共预备党员", "共青团员", "群众"),
        personal=True,
    ),  # str
    of(
        "person.employer",
        "工作单位",
        "Employer",
        "单位 所在单位 工作单位名称 就业单位 从业单位 服务处所 就职单位 工作单位(学校)",
        texts.read_title,
        (P,),
        personal=True,
    ),  # str: a name or a credit code
    of(
        "person.registeredCommunity",
        "户籍社区",
        "Community of registration",
        "户籍所在社区 户籍所在村 户籍村社 户口所在社区 户籍社区(村) 户籍地社区",
        texts.read_title,
        (P,),
        personal=True,
    ),  # str: a name or a code
    of(
        "person.habitualCommunity",
        "居住社区",
        "Community of residence",
        "现居社区 常住社区 所在社区 所属社区 社区 社区名称 村社 村(社区) 社区(村) 居住社区(村)",
        texts.read_title,
        (P,),
        personal=True,
    ),  # str: a name or a code
)
