"""What the demo market offers. Makers and figures are invented; the pictures are drawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shop:
    """A demo merchant. ``rate``: its currency's minor units for one yen, for believable prices."""

    name: str
    country: str
    city: str
    currency: str
    rate: float
    about: str
    email: str


SHOPS = (
    Shop("Hoshino Hobby", "JP", "Osaka", "JPY", 1, "Figures and pens from Nipponbashi, since 1998.", "hoshino"),
    Shop("Hanbit Collect", "KR", "Seoul", "KRW", 10, "Collectors' editions from Hongdae.", "hanbit"),
    Shop("Yunque Studio", "CN", "Shenzhen", "CNY", 5, "Workshop pieces from Shenzhen and Jingdezhen.", "yunque"),
)


@dataclass(frozen=True, slots=True)
class Good:
    """One listing: ``shop`` is an index into SHOPS, ``yen`` its price before it is put into the shop's currency."""

    kind: str
    shop: int
    title: str
    chinese: str
    brand: str
    yen: int
    condition: str = "new"
    flaws: str = ""
    stock: int = 3


# The colour of picture n, by the palettes of demo.pictures.
COLOURS = (
    ("midnight blue", "午夜蓝"),
    ("olive", "橄榄绿"),
    ("plum", "梅紫"),
    ("teal", "青绿"),
    ("graphite", "石墨"),
    ("rose", "玫瑰"),
    ("chestnut", "栗棕"),
    ("indigo", "靛青"),
)

_WORN = "A faint line on the left side of the base; see the last photo."
_INK = "Traces of ink in the feed; the cap ring has small scratches."

FIGURES = (
    Good("figure", 0, "Moon Courier Rin, 1/7 scale figure", "月之信使凛 1/7 比例手办", "Hoshino", 18_400, stock=5),
    Good("figure", 1, "Night Bus Conductor Mio, 1/8 scale", "夜班车长澪 1/8 比例手办", "Hanbit", 14_900),
    Good("figure", 2, "Tea House Apprentice Lan, resin", "茶馆学徒兰 树脂手办", "Yunque", 12_600),
    Good("figure", 0, "Lighthouse Keeper Sayo, first run", "灯塔守望者小夜 初版", "Hoshino", 22_800, "like_new"),
    Good("figure", 0, "Rain Postmistress Towa, 1/7 scale", "雨中邮差永远 1/7", "Kisaragi", 19_700, stock=2),
    Good("figure", 1, "Han River Skater Bora, with stand", "汉江滑手宝拉 含支架", "Hanbit", 11_200, "good", _WORN, 1),
    Good("figure", 2, "Cloud Librarian Qiu, 1/6 scale", "云端馆员秋 1/6 比例手办", "Yunque", 26_500, stock=2),
    Good("figure", 0, "Orchard Keeper Hina, winter coat", "果园守护者雏 冬装", "Kisaragi", 16_300),
    Good("figure", 1, "Rooftop Gardener Nari, 1/8 scale", "屋顶园丁娜莉 1/8", "Dalbit", 13_400),
    Good("figure", 2, "Porcelain Painter Yao, glazed base", "瓷绘师瑶 釉面底座", "Yunque", 17_900, stock=4),
    Good("figure", 0, "Clock Mender Iori, gear parts", "钟表匠伊织 齿轮配件", "Hoshino", 20_600, "like_new", "", 1),
    Good("figure", 0, "Ferry Pilot Nagi, event edition", "渡船领航员凪 活动限定", "Kisaragi", 31_000, stock=1),
    Good("figure", 1, "Star Map Seller Areum, 1/7 scale", "星图商人雅琳 1/7", "Hanbit", 15_800),
    Good("figure", 2, "Kite Maker Feng, two faces", "风筝匠枫 双表情", "Yunque", 14_200, "good", _WORN, 1),
    Good("figure", 0, "Snow Herald Yuki, reissue", "雪之使者雪 再版", "Hoshino", 17_500, stock=8),
    Good("figure", 1, "Bookshop Owner Sena, with cat", "书店主人世娜 附猫", "Dalbit", 12_900),
)

PENS = (
    Good("fountain-pen", 0, "Fountain pen, 14 k nib, medium", "14K 金尖钢笔 M 尖", "Sumi Stationery", 16_500, stock=6),
    Good("fountain-pen", 0, "Fountain pen, extra fine", "极细尖钢笔 树脂笔身", "Sumi Stationery", 9_800, stock=9),
    Good("fountain-pen", 1, "Piston fountain pen, fine", "活塞上墨钢笔 F 尖", "Dalbit Paper", 8_700),
    Good("fountain-pen", 2, "Lacquered fountain pen, broad", "大漆钢笔 B 尖", "Yunque", 21_300, stock=2),
    Good("fountain-pen", 0, "Pocket fountain pen, fine", "口袋钢笔 F 尖", "Kawabe", 6_400, stock=12),
    Good("fountain-pen", 0, "Music nib fountain pen", "音乐尖钢笔", "Sumi Stationery", 24_900, "like_new", "", 1),
    Good("fountain-pen", 1, "Student fountain pen, medium", "学生钢笔 M 尖", "Dalbit Paper", 2_900, stock=20),
    Good("fountain-pen", 2, "Bamboo grip fountain pen, fine", "竹节握位钢笔 F 尖", "Yunque", 7_600),
    Good(
        "fountain-pen",
        0,
        "Vintage fountain pen, 1970s, 18 k",
        "1970 年代 18K 古董钢笔",
        "Kawabe",
        33_000,
        "good",
        _INK,
        1,
    ),
    Good("fountain-pen", 0, "Fountain pen, soft fine", "软细尖钢笔", "Sumi Stationery", 18_200),
    Good("fountain-pen", 1, "Demonstrator fountain pen, fine", "透明示范钢笔 F 尖", "Hanbit", 5_300, stock=7),
    Good("fountain-pen", 2, "Long blade nib fountain pen", "长刀研钢笔", "Yunque", 15_400, stock=2),
    Good("fountain-pen", 0, "Cap and pen set, medium nib", "钢笔套装 M 尖", "Kawabe", 12_000),
    Good("fountain-pen", 1, "Fountain pen with converter, broad", "钢笔含上墨器 B 尖", "Dalbit Paper", 4_800, stock=10),
    Good("fountain-pen", 2, "Porcelain barrel fountain pen", "瓷杆钢笔", "Yunque", 19_600, "fair", _INK, 1),
    Good("fountain-pen", 0, "Fountain pen, fude nib", "美工尖钢笔", "Sumi Stationery", 7_200, stock=5),
)
