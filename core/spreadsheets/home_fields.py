"""Where a home is, what it is, and who owns it. 房屋字段。"""

from __future__ import annotations

from . import identity, places, quantities, texts, words
from .field import H, P, of

PLACE = (
    of(
        "place.compound", "小区", "Compound", "小区名称 所在小区 所属小区 楼盘 院落 居住小区", texts.read_title, (P, H)
    ),  # str: a name or a code
    of(
        "place.building",
        "楼栋",
        "Building",
        "栋 幢 楼号 栋号 幢号 楼幢 楼 楼栋号 楼栋名称 所在楼栋 号楼 座",
        places.read_building,
        (P, H),
        hint="如 3栋",
    ),  # str
    of("place.unit", "单元", "Entrance", "单元号 门栋", places.read_unit, (P, H)),  # str
    of("place.floor", "楼层", "Floor", "层 层数 所在层 所在楼层", places.read_floor, (P, H)),  # int
    of(
        "place.number",
        "房号",
        "Room",
        "室 室号 房间号 房间 门牌 门牌号 户室 房屋号 门号 房室号 户室号 房屋编号",
        places.read_number,
        (P, H),
        (H,),
    ),  # str
    of(
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
    of(
        "place.grid",
        "网格",
        "Grid",
        "所属网格 所在网格 网格名称 网格编号 微网格 所属微网格 网格号 微网格名称",
        texts.read_title,
        (P, H),
    ),  # str: a name or a code
)

HOME = (
    of(
        "premises.area",
        "面积",
        "Area",
        "建筑面积 房屋面积 套内面积 专有面积 产权面积 住房面积 产证面积 面积(平方米)",
        quantities.read_area,
        (P, H),
        hint="平方米",
    ),  # int, hundredths of a square metre
    of(
        "premises.use",
        "房屋用途",
        "Use",
        "用途 房屋类型 房屋性质 房屋使用性质 使用性质 规划用途",
        words.read_use,
        (P, H),
        choices=("住宅", "商铺", "办公", "车位", "储藏室"),
    ),  # "RESIDENTIAL", ..
    of(
        "tenure.kind",
        "居住关系",
        "Tenure",
        "权属 产权性质 居住性质 权属类型 业主类型 住户类型 房屋权属 居住类型 与房屋关系 居住状况 人房关系 房屋关系",
        words.read_tenure,
        (P, H),
        choices=("业主", "共有人", "租户", "居住人"),
    ),  # "OWNER", ..
    of(
        "tenure.share",
        "产权份额",
        "Share",
        "份额 共有份额 产权比例 所占份额 持有比例 共有比例 产权占比",
        quantities.read_share,
        (P, H),
        hint="如 1/2、50%",
    ),  # (numerator, denominator)
    of(
        "owner.name",
        "业主姓名",
        "Owner",
        "业主 产权人 房主 户主姓名(业主) 产权人姓名 房主姓名 所有权人 权利人 产权所有人 房屋所有人",
        texts.read_name,
        (H,),
        personal=True,
    ),  # str
    of(
        "owner.idNumber",
        "业主身份证号",
        "Owner's id number",
        "业主身份证 业主身份证号码 产权人身份证号 业主证件号码 房主身份证号 产权人证件号 权利人证件号 产权人身份证号码",
        identity.read_id_number,
        (H,),
        personal=True,
    ),  # str
    of(
        "owner.phone",
        "业主电话",
        "Owner's phone",
        "业主联系电话 业主手机 业主手机号 业主联系方式 产权人电话 房主电话 产权人联系电话 房主联系电话",
        identity.read_phone,
        (H,),
        personal=True,
    ),  # str
    of(
        "household.relation",
        "与户主关系",
        "Relation to the head",
        "户主关系 与户主的关系 家庭关系 与户主之关系 关系 与房主关系",
        words.read_relation,
        (P,),
        choices=("户主", "配偶", "子", "女", "父母", "其他"),
        personal=True,
    ),  # "HEAD", ..
    of(
        "household.number",
        "户号",
        "Household number",
        "户编号 家庭编号 户口簿号 户口号 户序号 家庭户号 户口编号",
        texts.read_code,
        (P,),
        personal=True,
    ),  # str
)
