"""The thesaurus: which lay phrases fire, on what, and what a malformed file is told."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import CorpusError
from assistant.retrieval.thesaurus import Expansion, Thesaurus, load_thesaurus

CORPUS = Path(__file__).parents[2] / "corpus"
SHIPPED = CORPUS / "thesaurus.yaml"


@pytest.fixture(scope="module")
def shipped(official_text: str) -> Thesaurus:
    """The words that the shipped documents say."""
    return load_thesaurus(SHIPPED).keep_said([official_text.lower()])


@pytest.fixture(scope="module")
def official_text() -> str:
    sources = sorted((CORPUS / "documents").glob("*/source.txt"))
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    return unicodedata.normalize("NFKC", "".join(c for c in text if not c.isspace() and c not in "“”"))


def _says(expansions: tuple[Expansion, ...]) -> list[str]:
    return [e.say for e in expansions]


# (what somebody says, official words of which each must come out)
LAY = [
    ("一个班最多能塞多少人", ["每班人数"]),
    ("四个人轮流用一台焊机行吗", ["工位"]),
    ("一位老师最多带几个徒弟", ["师生比", "企业新型学徒制"]),
    ("一节课到底上多长才算数", ["每课时", "分钟"]),
    ("啥叫乡村工匠", ["所称"]),
    ("动手操作要占几成", ["实操培训", "占比"]),
    ("上课要不要摄像头全程拍下来", ["全程录像"]),
    ("学员打分太低会不会被叫停", ["满意度调查", "停止培训开班"]),
    ("上完课能拿个什么本本", ["职业技能等级证书"]),
    ("电焊的上岗证怎么弄", ["特种作业操作证书"]),
    ("只发结业证的班最少学多少课时", ["培训合格证书", "学时"]),
    ("孩子生病来不了，能补课吗", ["书面请假手续", "培训到课率"]),
    ("编名单骗补贴的怎么处罚", ["虚假培训", "严肃处理"]),
    ("机构把钱私吞了怎么办", ["截留"]),
    ("材料交了审核要多久", ["个工作日内"]),
    ("钱什么时候打款到账", ["资金拨付"]),
    ("名单要贴出来几天", ["公示"]),
    ("人在外面，网课挂机行不行", ["线上培训", "视同培训无效"]),
    ("上网课要不要刷脸", ["人脸活体比对"]),
    ("几月份能考试", ["线下考核"]),
    ("俺是种地的，能报啥", ["高素质农民"]),
    ("我当过兵", ["退役军人"]),
    ("村里的宝妈想学点东西", ["巧媳妇", "整村推进"]),
    ("闺女大学毕业没工作", ["离校未就业"]),
    ("下岗好几年了", ["失业人员"]),
    ("我想自己当老板", ["创业培训"]),
    ("学伺候老人", ["养老护理"]),
    ("想当月嫂", ["育婴员"]),
    ("想开网店搞直播带货", ["电子商务"]),
    ("师傅带徒弟有钱吗", ["企业新型学徒制"]),
    ("外聘老师能占多少编制", ["兼职教师", "编制员额"]),
    ("多搞培训老师能多拿奖金吗", ["绩效工资总量"]),
    ("公司出钱办学能抵税吗", ["教育费附加", "抵免"]),
    ("每个学生拨款多少", ["生均拨款"]),
    ("煤矿这种危险行业谁来管", ["高危行业", "责任单位"]),
    ("有问题打什么电话", ["联系电话"]),
    ("这是什么时候发的", ["印发"]),
    ("超过80算不算80本身", ["不包括本数"]),
    ("中专生想考大学", ["职教高考"]),
    ("住建局管哪些人", ["住房和城乡建设局"]),
    ("What is the maximum class size?", ["每班人数"]),
    ("Are SUBSIDIES paid for Veterans", ["补贴", "退役军人"]),
]

# (a sentence, a lay phrase or two that stand in it by accident and must not fire)
NEAR_MISSES = [
    ("提升职业技能水平", ["升职"]),
    ("其中职业院校有几所", ["中职"]),
    ("其中专业课占多少", ["中专"]),
    ("如何提高职业素养", ["高职"]),
    ("提高技能水平", ["高技能"]),
    ("求职高峰在几月", ["职高"]),
    ("乘客服务怎么做", ["客服"]),
    ("旅行社工作", ["社工"]),
    ("机电工程专业", ["电工"]),
    ("土木工程", ["木工"]),
    ("职工人数", ["工人"]),
    ("每个学员工位", ["员工"]),
    ("领导小组全面试点", ["面试"]),
    ("本月报名截止了吗", ["月报"]),
    ("巧媳妇工程", ["媳妇"]),
    ("地方教育附加", ["教育附加"]),
    ("失业保险基金", ["失业"]),
    ("动手术要多少钱", ["动手"]),
    ("正在编写教材", ["在编"]),
    ("a cup of coffee, a processor", ["fee", "cook"]),
    ("stakeholders recorded a syntax", ["tax", "taxes"]),
]

OFF_TOPIC = [
    "今天天气怎么样",
    "帮我写一首诗",
    "社保怎么交",
    "什么是劳动合同",
    "结婚证在哪里办理",
    "医保报销几次",
    "你好",
    "tell me a joke",
]


@pytest.mark.parametrize(("text", "expected"), LAY, ids=[text for text, _ in LAY])
def test_lay_wording_gives_official_words(shipped: Thesaurus, text: str, expected: list[str]) -> None:
    means = {word for e in shipped.expand(text) for word in e.means}
    assert set(expected) <= means


@pytest.mark.parametrize(("text", "silent"), NEAR_MISSES, ids=[text for text, _ in NEAR_MISSES])
def test_phrases_inside_other_words_stay_silent(shipped: Thesaurus, text: str, silent: list[str]) -> None:
    assert not set(_says(shipped.expand(text))) & set(silent)


@pytest.mark.parametrize("text", OFF_TOPIC)
def test_nothing_fires_off_topic(shipped: Thesaurus, text: str) -> None:
    assert shipped.expand(text) == ()


def test_official_words_stand_in_the_documents(shipped: Thesaurus, official_text: str) -> None:
    words = {unicodedata.normalize("NFKC", w).lower() for means in shipped.entries.values() for w in means}
    assert len(words) > 900
    assert not [w for w in words if w not in official_text.lower()]


def test_words_of_other_places_serve_their_documents():
    text = "班级规模。就业技能培训每班不少于20人、不超过45人。设举报电话。"
    kept = load_thesaurus(SHIPPED).keep_said([text])
    assert [e.means for e in kept.expand("一个班能收几个人")] == [("班级规模",)]


def test_a_phrase_without_a_word_shields_nothing():
    thesaurus = Thesaurus(
        {"带徒弟": ("学徒制",), "师傅带徒弟": ("带徒津贴",), "动手": ("实操",), "动手术": ()}
    )
    kept = thesaurus.keep_said(["企业新型学徒制", "实 操".replace(" ", "")])
    assert [e.means for e in kept.expand("师傅带徒弟")] == [("学徒制",)]
    assert kept.expand("动手术") == ()


def test_official_texts_set_off_few_phrases(shipped: Thesaurus, official_text: str) -> None:
    """A lay phrase that official texts are full of is too broad."""
    by_say: dict[str, int] = {}
    for expansion in shipped.expand(official_text):
        by_say[expansion.say] = by_say.get(expansion.say, 0) + 1
    assert sum(by_say.values()) < len(official_text) / 80


def test_dictionary_cuts_its_words_out(official_text: str) -> None:
    import jieba

    jieba.setLogLevel(60)
    cutter = jieba.Tokenizer()
    cutter.initialize()
    words = (CORPUS / "dictionary.txt").read_text(encoding="utf-8").split()
    assert len(words) == len(set(words))
    known = set(words) | {w for w, n in cutter.FREQ.items() if n}
    for word in words:
        cutter.add_word(word)
    assert [w for w in words if cutter.lcut(w) != [w]] == []
    # jieba's search mode gives the two- and three-character words inside a word, no longer ones:
    # a word that hides a longer one would take it away from whoever asks for it.
    hidden = {
        w: w[i:j]
        for w in words
        for i in range(len(w))
        for j in range(i + 4, len(w) + 1)
        if w[i:j] != w and w[i:j] in known
    }
    assert hidden == {}


SMALL = Thesaurus(
    {
        "老师": ("教师",),
        "外聘老师": ("兼职教师",),
        "一节课*多长": ("每课时",),
        "班*最多*人": ("每班人数",),
        "直播": ("电子商务",),
        "课本": (),
        "本身": ("本数",),
        "tax": ("抵免",),
    }
)

# (text, [(phrase, start, end)])
SPANS = [
    ("外聘老师", [("外聘老师", 0, 4)]),  # the longer phrase wins
    ("老师找老师", [("老师", 0, 2), ("老师", 3, 5)]),
    ("一节课多长", [("一节课*多长", 0, 5)]),  # `*` may be nothing
    ("一节课到底要多长", [("一节课*多长", 0, 8)]),
    ("一节课到底要上多长", [("一节课*多长", 0, 9)]),  # four characters
    ("一节课到底是要上多长", []),  # five
    ("一节课，多长", []),  # not across a comma
    ("一节课直播多长", [("一节课*多长", 0, 7), ("直播", 3, 5)]),  # what lies under `*` is free
    ("班里最多坐几人", [("班*最多*人", 0, 7)]),
    ("课本身", []),  # equal lengths: the earlier one wins, and here it is a shield
    (
        "\uff34\uff21\uff38",
        [  # full-width TAX
            ("tax", 0, 3)
        ],
    ),
    ("syntax taxi tax", [("tax", 12, 15)]),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), SPANS, ids=[text or "empty" for text, _ in SPANS])
def test_spans(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert [(e.say, e.start, e.end) for e in SMALL.expand(text)] == expected


PIECES = ["老师", "外聘", "一节课", "多长", "班", "最多", "人", "\uff34ax", "İ", "①", "，"]


@given(st.lists(st.sampled_from(PIECES)))
def test_spans_lie_in_the_normalised_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    normal = unicodedata.normalize("NFKC", text)
    found = SMALL.expand(text)
    assert found == SMALL.expand(normal)
    for e in found:
        first, *_, last = e.say.split("*") if "*" in e.say else (e.say, e.say)
        quote = normal[e.start : e.end].replace("T", "t")
        assert quote.startswith(first)
        assert quote.endswith(last)


# (file, words of the message)
BROKEN = [
    pytest.param("- {say: [种地的], means: [农民}", ["YAML"], id="syntax"),
    pytest.param("say: [种地的]", ["顶层"], id="not-a-list"),
    pytest.param("- {say: [种地的]}", ["第 1 条（种地的）", "means"], id="no-means"),
    pytest.param("- {say: [种地的], means: []}", ["means"], id="empty-means"),
    pytest.param("- {say: [], means: [农民]}", ["say"], id="empty-say"),
    pytest.param("- {say: [4050], means: [大龄]}", ["第 1 条", "say.0"], id="number"),
    pytest.param("- {say: [种地的], mean: [农民]}", ["mean"], id="unknown-key"),
    pytest.param("- {say: [证], means: [证书]}", ["“证”", "一个字"], id="one-character"),
    pytest.param('- {say: ["*多长"], means: [课时]}', ["“*多长”"], id="wildcard-first"),
    pytest.param('- {say: ["课**长"], means: [课时]}', ["“课**长”"], id="wildcard-twice"),
    pytest.param(
        "- {say: [种地的], means: [农民]}\n- {say: [网课, 种地的], means: [农户]}",
        ["第 2 条（网课）", "“种地的”", "出现过"],
        id="said-twice",
    ),
    pytest.param("- {say: [媳妇], means: [妇女], unless: [姑娘]}", ["unless", "“姑娘”"], id="idle-shield"),
]


@pytest.mark.parametrize(("text", "words"), BROKEN)
def test_malformed_files_are_named(tmp_path: Path, text: str, words: list[str]) -> None:
    path = tmp_path / "thesaurus.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        load_thesaurus(path)
    assert caught.value.path == str(path)
    assert caught.value.hint
    for word in [str(path), *words]:
        assert word in caught.value.message


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="读不到同义词表"):
        load_thesaurus(tmp_path / "absent.yaml")


def test_an_official_word_is_not_expanded_to_itself(shipped: Thesaurus) -> None:
    assert not [say for say, means in shipped.entries.items() if say in means]


def test_a_text_is_put_officially():
    thesaurus = Thesaurus({"动手": ("实操培训", "实操"), "一节课*多久": ("每课时",), "动手术": ()})
    assert thesaurus.put_officially("动手的不能少于多少") == "实操培训的不能少于多少"
    assert thesaurus.put_officially("一节课上多久") == "一节课上多久"
    assert thesaurus.put_officially("动手术") == "动手术"


@given(
    st.text("甲乙丙丁a😀\ud800\n", max_size=60),
    st.lists(st.text("甲乙丙丁a😀", min_size=1, max_size=6), max_size=8),
)
def test_the_words_kept_are_those_a_text_says(text: str, words: list[str]) -> None:
    kept = Thesaurus({"口语": tuple(dict.fromkeys(words))}).keep_said([text])
    assert set(kept.entries.get("口语", ())) == {w for w in words if w in text}
