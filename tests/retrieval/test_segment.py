"""Words and index terms."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.config import data_dir
from assistant.errors import CorpusError, IndexStale
from assistant.retrieval.segment import BIGRAM_MARK, Segmenter, WordTable, encode_table

STOPWORDS = data_dir("corpus") / "stopwords.txt"


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory):
    dictionary = tmp_path_factory.mktemp("lists") / "dictionary.txt"
    dictionary.write_text("# 本库用词\n新型学徒制\n高素质农民 500\n１＋Ｘ证书\n1+x\n\n", encoding="utf-8")
    return Segmenter(dictionary, STOPWORDS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="empty"),
        pytest.param("，。！（）—— \n", [], id="punctuation only"),
        pytest.param("请问什么是的了吗呢？", [], id="stop words only"),
        pytest.param("每班人数不超过80人", ["每班", "人数", "不", "超过", "80", "人"], id="digits"),
        pytest.param("补贴６５\uff05", ["补贴", "65%"], id="full-width percent"),
        pytest.param("２０２１年", ["2021", "年"], id="full-width year"),
        pytest.param("2.5万元", ["2.5", "万元"], id="decimal is one word"),
        pytest.param("20-30天", ["20", "30", "天"], id="range is two words"),
        pytest.param("SYB创业", ["syb", "创业"], id="latin folded"),
        pytest.param("1+X试点", ["1+x", "试点"], id="plus inside a word"),
        pytest.param("1+X证书", ["1+x", "证书", "1+x证书"], id="mixed word of the corpus"),
        pytest.param("营业执照", ["营业", "执照", "营业执照"], id="search mode: inner words first"),
        pytest.param("新型学徒制", ["新型", "学徒", "学徒制", "新型学徒制"], id="own word"),
        pytest.param("不得最少至少", ["不得", "最少", "至少"], id="negation and degree stay"),
    ],
)
def test_words(segmenter, text, expected):
    assert segmenter.words(text) == expected


def test_terms_are_words_and_marked_bigrams(segmenter):
    assert segmenter.terms("营业执照，2021") == [
        *("营业", "执照", "营业执照", "2021"),
        *("_营业", "_业执", "_执照"),
    ]


def test_bigrams_do_not_cross_punctuation_and_skip_stop_words(segmenter):
    grams = [t for t in segmenter.terms("补贴。什么标准") if t.startswith(BIGRAM_MARK)]
    assert grams == ["_补贴", "_么标", "_标准"]


@pytest.mark.parametrize("text", ["_培训_", "a_b", "\uff3f１"])
def test_no_word_looks_like_a_bigram(segmenter, text):
    assert not [w for w in segmenter.words(text) if BIGRAM_MARK in w]


def test_saved_segmenter_cuts_alike_and_saves_the_same_bytes(segmenter, tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    segmenter.save(first)
    loaded = Segmenter.load(first)
    loaded.save(second)
    assert {p.name: p.read_bytes() for p in first.iterdir()} == {
        p.name: p.read_bytes() for p in second.iterdir()
    }
    for path in sorted((data_dir("corpus") / "documents").glob("*/source.txt")):
        text = path.read_text(encoding="utf-8")
        assert loaded.terms(text) == segmenter.terms(text)


def test_cuts_chinese_runs_like_plain_jieba(tmp_path):
    """Differential: the hashed table changes nothing in jieba's own search-mode cut."""
    import jieba

    empty = tmp_path / "none.txt"
    empty.write_text("", encoding="utf-8")
    ours = Segmenter(None, empty)
    plain = jieba.Tokenizer()
    plain.FREQ, plain.total = plain.gen_pfdict(plain.get_dict_file())
    plain.initialized = True
    text = "有营业执照的农民工参加老板的种地培训能拿多少补贴魑魅魍魉云计算"
    assert ours.words(text) == list(plain.cut_for_search(text))


def test_jieba_stays_silent_and_writes_no_cache(tmp_path):
    code = (
        "import sys; from pathlib import Path; from assistant.retrieval.segment import Segmenter;"
        "Segmenter(None, Path(sys.argv[1])).words('职业技能培训')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(STOPWORDS)],
        env={"TMPDIR": str(tmp_path), "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        check=True,
    )
    assert done.stdout == done.stderr == b""
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param("补贴 很多\n".encode(), "第 1 行", id="frequency is not a number"),
        pytest.param("补贴".encode("gb18030"), "读不了", id="not UTF-8"),
        pytest.param(None, "读不了", id="missing"),
    ],
)
def test_bad_dictionary_is_named(tmp_path, content, fault):
    path = tmp_path / "dictionary.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CorpusError, match=fault) as caught:
        Segmenter(path, STOPWORDS)
    assert caught.value.path == str(path)


@pytest.mark.parametrize("name", ["words.bin", "lexicon.json"])
@pytest.mark.parametrize("damage", [None, b"", b"{}", b"TWWORDS1" + bytes(16) + b"x"])
def test_damaged_files_are_refused(segmenter, tmp_path, name, damage):
    segmenter.save(tmp_path)
    (tmp_path / name).unlink()
    if damage is not None:
        (tmp_path / name).write_bytes(damage)
    with pytest.raises(IndexStale, match="分词表损坏"):
        Segmenter.load(tmp_path)


def test_word_table_answers_like_a_dictionary():
    frequencies = {"培": 0, "培训": 12, "训": 4_000_000_000}
    table = WordTable(encode_table(frequencies, 99))
    assert (len(table), table.total) == (3, 99)
    assert {w: table[w] for w in frequencies} == frequencies
    assert "补贴" not in table
    assert table.get("补贴", 1) == 1
    with pytest.raises(KeyError):
        table["补贴"]


@pytest.mark.parametrize("word", ["不", "未", "无", "最", "至少", "不得", "应当", "以上", "以下"])
def test_stop_words_leave_what_changes_the_meaning(word):
    assert word not in STOPWORDS.read_text(encoding="utf-8").splitlines()


def test_lexicon_file_is_plain_json(segmenter, tmp_path):
    segmenter.save(tmp_path)
    record = json.loads((tmp_path / "lexicon.json").read_text(encoding="utf-8"))
    assert record["mixed_words"] == ["1+x证书"]
