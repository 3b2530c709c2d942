"""Countries by the names that sheets have for them, as three letters of ISO 3166-1. 国家和地区。"""

from __future__ import annotations

import re

from .cells import Cell, Reading, squeezed
from .findings import UnreadError

_LETTERS = re.compile(r"[A-Z]{3}")
_NAMES = """
    CHN 中国 中华人民共和国 中国籍|HKG 香港 中国香港|MAC 澳门 中国澳门|TWN 台湾 中国台湾|JPN 日本 日本国
    KOR 韩国 大韩民国|PRK 朝鲜|MNG 蒙古 蒙古国|VNM 越南|LAO 老挝|KHM 柬埔寨|THA 泰国|MMR 缅甸|MYS 马来西亚
    SGP 新加坡|IDN 印度尼西亚 印尼|PHL 菲律宾|BRN 文莱|IND 印度|PAK 巴基斯坦|BGD 孟加拉国 孟加拉|NPL 尼泊尔
    LKA 斯里兰卡|AFG 阿富汗|KAZ 哈萨克斯坦|KGZ 吉尔吉斯斯坦|TJK 塔吉克斯坦|UZB 乌兹别克斯坦|TKM 土库曼斯坦|IRN 伊朗
    IRQ 伊拉克|SYR 叙利亚|JOR 约旦|LBN 黎巴嫩|ISR 以色列|SAU 沙特阿拉伯 沙特|ARE 阿联酋 阿拉伯联合酋长国|YEM 也门
    TUR 土耳其|RUS 俄罗斯 俄罗斯联邦|UKR 乌克兰|BLR 白俄罗斯|POL 波兰|DEU 德国|FRA 法国|GBR 英国 联合王国|IRL 爱尔兰
    ITA 意大利|ESP 西班牙|PRT 葡萄牙|NLD 荷兰|BEL 比利时|CHE 瑞士|AUT 奥地利|SWE 瑞典|NOR 挪威|DNK 丹麦|FIN 芬兰
    GRC 希腊|HUN 匈牙利|CZE 捷克|ROU 罗马尼亚|SRB 塞尔维亚|USA 美国 美利坚合众国|CAN 加拿大|MEX 墨西哥|BRA 巴西
    ARG 阿根廷|CHL 智利|PER 秘鲁|COL 哥伦比亚|AUS 澳大利亚 澳洲|NZL 新西兰|EGY 埃及|MAR 摩洛哥|DZA 阿尔及利亚
    SDN 苏丹|ETH 埃塞俄比亚|KEN 肯尼亚|TZA 坦桑尼亚|UGA 乌干达|NGA 尼日利亚|GHA 加纳|CMR 喀麦隆
    COD 刚果民主共和国 刚果(金)|ZMB 赞比亚|ZWE 津巴布韦|ZAF 南非|AGO 安哥拉|MOZ 莫桑比克
"""
COUNTRIES = {
    name: code for one in re.split(r"\||\n", _NAMES) if one.strip() for code, *names in (one.split(),) for name in names
}
"""Those of which foreigners in Chinese communities come most; any other is written by its three letters."""


def read_country(cell: Cell, reading: Reading) -> str:
    """Three letters of ISO 3166-1. UnreadError COUNTRY, which a row may do without."""
    written = squeezed(cell).upper()
    found = COUNTRIES.get(written) or COUNTRIES.get(written.removesuffix("籍"))
    if found is None and _LETTERS.fullmatch(written):
        return written
    if found is None:
        raise UnreadError("COUNTRY", "Write a country by its three letters of ISO 3166-1, such as CHN")
    return found
