from __future__ import annotations

from pathlib import Path

import pytest

from assistant.documents.region_file import NATION
from assistant.documents.regions import RegionTree, load_regions
from assistant.errors import CorpusError

REGIONS = Path(__file__).resolve().parents[2] / "corpus" / "regions.yaml"


@pytest.fixture(scope="module")
def tree() -> RegionTree:
    return load_regions(REGIONS)


# (sentence, what is named as "words=code", in order); empty: no place is named
HITS = [
    ("冀豫两省谁高", "冀=130000 豫=410000"),
    ("豫和鲁分别多少", "豫=410000 鲁=370000"),
    ("潢川县每班最多多少人", "潢川县=411526"),
    ("我在光山办班", "光山=411522"),
    ("潢川的补贴什么时候发", "潢川=411526"),
    ("广东省高技能人才奖励", "广东省=440000"),
    ("河南的高职", "河南=410000"),
    ("保定的学校", "保定=130600"),
    ("石家庄", "石家庄=130100"),
    ("雄安新区有补贴吗", "雄安新区=133100"),
    ("雄安的企业", "雄安=133100"),
    ("济源", "济源=419001"),
    ("济源示范区怎么报名", "济源示范区=419001"),
    ("信阳市全市的任务", "信阳市=411500"),
    ("信阳地区的学校", "信阳=411500"),
    ("内蒙古和新疆都可以吗", "内蒙古=150000 新疆=650000"),
    ("广西、宁夏、西藏", "广西=450000 宁夏=640000 西藏=540000"),
    ("香港居民能报名吗", "香港=810000"),
    ("恩施州的规定", "恩施州=422800"),
    ("大厂县的学校", "大厂县=131028"),
    ("大厂回族自治县", "大厂回族自治县=131028"),
    ("浦东的机构", "浦东=310115"),
    ("海淀有没有", "海淀=110108"),
    ("信阳浉河区怎么补贴", "信阳浉河区=411502"),
    ("定州市和辛集市", "定州市=130682 辛集市=130181"),
    ("新县的班", "新县=411523"),
    ("赵县", "赵县=130133"),
    ("范县的学校", "范县=410926"),
    ("马鞍山和县的学校", "马鞍山和县=340523"),
    ("成都的学校", "成都=510100"),
    ("商城县有几个班", "商城县=411524"),
    ("民权的培训学校", "民权=411421"),
    ("新乡的班", "新乡=410700"),
    ("新乡县的班", "新乡县=410721"),
    ("南阳、洛阳和郑州", "南阳=411300 洛阳=410300 郑州=410100"),
    ("和平区在哪个省", ""),  # several
    ("天津和平区的学校", "天津和平区=120101"),
    ("资源县", "资源县=450329"),
    ("公安县", "公安县=421022"),
    ("全国都一样吗", "全国=000000"),
    ("国家文件怎么说", "国家=000000"),
    ("中国有哪些规定", "中国=000000"),
    ("河北和河南有什么不同", "河北=130000 河南=410000"),
    ("去海南方便吗", "海南=460000"),
    # names from the outside in are one mention of the innermost
    ("河南省信阳市潢川县的方案", "河南省信阳市潢川县=411526"),
    ("河南潢川的方案", "河南潢川=411526"),
    ("信阳潢川的方案", "信阳潢川=411526"),
    ("北京朝阳的班", "北京朝阳=110105"),
    ("吉林省吉林市的班", "吉林省吉林市=220200"),
    ("福州鼓楼区的班", "福州鼓楼区=350102"),
    ("四川资中的班", "四川资中=511025"),
    ("河南省，信阳市", "河南省=410000 信阳市=411500"),
    ("信阳河南", "信阳=411500 河南=410000"),  # not from the outside in
    # several so called: the place named right before them
    ("江苏鼓楼区的班", "江苏鼓楼区=320000"),
    # the highest level is meant
    ("朝阳的班", "朝阳=211300"),
    ("吉林的班", "吉林=220000"),
    ("安阳的班", "安阳=410500"),
    ("海南的班", "海南=460000"),
    # the name before the word that runs on
    ("南阳市场监管局", "南阳=411300"),
    ("其中山东的任务", "山东=370000"),
    ("河南阳光培训学校", "河南=410000"),
    ("上海南方培训学校", "上海=310000"),
]
MISSES = [
    "八成都能分给老师",
    "豫菜",
    "京剧和川菜",
    "我们合作单位",
    "新建一个班",
    "资源共享",
    "公安部门",
    "我们县",
    "省里",
    "全省范围",
    "豫政2号文",
    "冀办字21号",
    "沿海南方城市",
    "东方红小学",
    "东方职业学校",
    "他穿中山装",
    "北京时间8点",
    "重大理论问题",
    "扩大理解范围",
    "大理石加工",
    "保障农民权益",
    "人民权利",
    "友好协商",
    "前进的方向",
    "文化水平",
    "平安建设",
    "乡村振兴",
    "新兴产业",
    "富裕起来",
    "和平发展",
    "会同财政部门",
    "延长时间",
    "商城购物",
    "绿色通道",
    "学校互助",
    "会议室的大方桌",
    "投资中学",
    "社会理论",
    "今天等通知",
    "黄河南岸",
    "国内黄金行业",
    "沿海城市",
    "一项城市更新",
    "地方城市",
    "大城市就业",
    "合作市场",
    "友好区域",
    "新乡村医生",
    "重新安排",
    "新安排的课",
    "社保定点机构",
    "医保定额",
    "国家级技能大师",
    "国家职业资格证书",
    "全国性比赛",
    "中国特色学徒制",
    "长治久安",
    "大同小异",
    "城区和矿区",
    "市中区域",
    "示范县和模范县",
    "各市和县都要报",
    "重新县级审核",
    "规范县域管理",
    "县城新县城建设",
    "信息县里会发",
    "形成都认可的结果",
    "发展中国家",
    "发达国家",
    "复合肥生产",
    "补贴标准是多少",
    "高职扩招报名条件",
    "",
    "班",
]


@pytest.mark.parametrize(("sentence", "named"), HITS, ids=[s for s, _ in HITS])
def test_find(tree: RegionTree, sentence: str, named: str) -> None:
    found = tree.find(sentence)
    assert " ".join(f"{sentence[m.start : m.end]}={m.region.code}" for m in found) == named


@pytest.mark.parametrize("sentence", MISSES)
def test_find_stays_silent(tree: RegionTree, sentence: str) -> None:
    assert tree.find(sentence) == ()


@pytest.mark.parametrize(
    ("sentence", "near", "code"),
    [
        pytest.param("鼓楼区的班", "410200", "410204", id="same prefecture"),
        pytest.param("鼓楼区的班", "410000", "410204", id="within"),
        pytest.param("鼓楼区的班", "350102", "350102", id="itself"),
        pytest.param("朝阳的班", "110000", "110105", id="a lower level, but here"),
        pytest.param("朝阳的班", "411526", "211300", id="nothing shared but the nation"),
        pytest.param("安阳的班", "410522", "410522", id="county before prefecture"),
    ],
)
def test_near_decides(tree: RegionTree, sentence: str, near: str, code: str) -> None:
    assert [m.region.code for m in tree.find(sentence, near)] == [code]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("潢川县", "411526", id="official"),
        pytest.param("潢川", "411526", id="stem"),
        pytest.param("411526", "411526", id="code"),
        pytest.param("内蒙古", "150000", id="alias"),
        pytest.param("全国", NATION, id="nation"),
        pytest.param("国家", NATION, id="state"),
        pytest.param("中国", NATION, id="China"),
        pytest.param("河南省信阳市潢川县", "411526", id="three levels"),
        pytest.param("河南潢川", "411526", id="two levels"),
        pytest.param(" 河南省 信阳市 ", "411500", id="blanks"),
        pytest.param("北京东城", "110101", id="district stem"),
        pytest.param("资源", "450329", id="ordinary word, but the whole string"),
        pytest.param("朝阳", "211300", id="highest level"),
        pytest.param("吉林", "220000", id="province before prefecture"),
        pytest.param("潢川县桃林铺镇", "411526", id="a town behind its county"),
        pytest.param("河南省信阳市潢川县双柳树镇晏庄村", "411526", id="a village behind its town"),
        pytest.param("北京市朝阳区三里屯街道", "110105", id="a street office behind its district"),
        pytest.param("桃林铺镇", None, id="a town alone"),
        pytest.param("龙川镇", None, id="a town with the name of a county elsewhere"),
        pytest.param("火星县桃林铺镇", None, id="a town of no county"),
        pytest.param("鼓楼区", None, id="several"),
        pytest.param("江苏鼓楼区", None, id="several within one"),
        pytest.param("广东潢川", None, id="not within"),
        pytest.param("999999", None, id="unknown code"),
        pytest.param("41152", None, id="five digits"),
        pytest.param("火星", None, id="no place"),
        pytest.param("潢", None, id="one character"),
        pytest.param("", None, id="empty"),
    ],
)
def test_resolve(tree: RegionTree, name: str, code: str | None) -> None:
    region = tree.resolve(name)
    assert (region.code if region else None) == code


@pytest.mark.parametrize(
    ("name", "names"),
    [
        pytest.param("河东区", ["天津市", "临沂市"], id="two"),
        pytest.param("潢川县", [], id="one"),
        pytest.param("火星", [], id="none"),
    ],
)
def test_list_namesakes(tree: RegionTree, name: str, names: list[str]) -> None:
    outer = [tree.get(region.parent or "") for region in tree.list_namesakes(name)]
    assert [region.name for region in outer if region] == names


def test_resolve_near(tree: RegionTree) -> None:
    region = tree.resolve("鼓楼区", near="410205")
    assert region is not None
    assert region.code == "410204"


@pytest.mark.parametrize(
    ("code", "ancestors"),
    [
        pytest.param("411526", ("411526", "411500", "410000", NATION), id="county"),
        pytest.param("419001", ("419001", "410000", NATION), id="directly governed county"),
        pytest.param("130682", ("130682", "130000", NATION), id="governed by the province in fact"),
        pytest.param("110105", ("110105", "110000", NATION), id="district of a municipality"),
        pytest.param("500240", ("500240", "500000", NATION), id="county of a municipality"),
        pytest.param(NATION, (NATION,), id="nation"),
        pytest.param("999999", (), id="unknown"),
    ],
)
def test_ancestors(tree: RegionTree, code: str, ancestors: tuple[str, ...]) -> None:
    assert tree.ancestors(code) == ancestors


@pytest.mark.parametrize(
    ("code", "ancestor", "expected"),
    [
        pytest.param("411526", "410000", True, id="county in province"),
        pytest.param("411526", "411526", True, id="itself"),
        pytest.param("410000", "411526", False, id="the other way round"),
        pytest.param("411526", "130000", False, id="another province"),
        pytest.param("999999", NATION, False, id="unknown"),
    ],
)
def test_is_within(tree: RegionTree, code: str, ancestor: str, expected: bool) -> None:
    assert tree.is_within(code, ancestor) is expected


def test_every_region_has_parents_up_to_the_nation(tree: RegionTree) -> None:
    codes = [f"{n:06}" for n in range(0, 830000) if tree.get(f"{n:06}")]
    assert len(codes) > 3200
    assert sum(1 for code in codes if code.endswith("0000")) == 35  # 34 provinces and the nation
    for code in codes:
        chain = [tree.get(c) for c in tree.ancestors(code)]
        levels = [region.level for region in chain if region]
        assert levels[-1] == 0
        assert levels == sorted(set(levels), reverse=True)


@pytest.mark.parametrize("code", ["110000", "411526", "653228", "659013", "710000", "820000"])
def test_every_official_name_is_found_in_its_chain(tree: RegionTree, code: str) -> None:
    region = tree.get(code)
    assert region is not None
    assert tree.resolve(region.name) == region


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("names: [", "YAML", id="no YAML"),
        pytest.param("names: {}", "000000", id="no nation"),
        pytest.param("{}", "names", id="no names"),
        pytest.param("- 1", "顶层", id="a list"),
        pytest.param('names: {000000: "全国"}', "names", id="code without quotes"),
        pytest.param('names: {"000000": 全国, "41": 河南省}', "names.41", id="short code"),
        pytest.param('names: {"000000": 全国, "410000": 豫}', "names.410000", id="one character"),
        pytest.param('names: {"000000": 全国}\nnicknames: {}', "nicknames", id="unknown key"),
        pytest.param('names: {"000000": 全国}\naliases: {"410000": [河南]}', "410000", id="alias of nothing"),
        pytest.param('names: {"000000": 全国, "411526": 潢川县}', "411526", id="no province"),
        pytest.param(
            'names: {"000000": 全国, "410000": 河南省}\nparents: {"410000": "420000"}',
            "parents.410000",
            id="unknown parent",
        ),
        pytest.param(
            'names: {"000000": 全国, "410000": 河南省, "411500": 信阳市}\nparents: {"410000": "411500"}',
            "parents.410000",
            id="parent below its child",
        ),
    ],
)
def test_broken_file_is_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "regions.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        load_regions(path)
    assert named in caught.value.message
    assert str(path) in caught.value.message
    assert caught.value.path == str(path)
    assert caught.value.hint


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"regions\.yaml"):
        load_regions(tmp_path / "regions.yaml")


def test_supplied_texts_name_only_places_they_are_about(tree: RegionTree) -> None:
    known = {"000000", "133100", "419001", "130682", "130181", "650000"}
    for source in sorted(REGIONS.parent.glob("documents/*/source.txt")):
        text = source.read_text(encoding="utf-8")
        for mention in tree.find(text):
            code = mention.region.code
            assert code in known or code[:2] in {"13", "41"}, text[mention.start - 5 : mention.end + 5]


def test_a_short_form_at_the_end_ends_with_the_text(tree: RegionTree) -> None:
    (mention,) = tree.find("临夏州", "620000")
    assert (mention.region.name, mention.start, mention.end) == ("临夏回族自治州", 0, 3)
