"""The retrieval benchmark: sets, quality, intervals, plot, and a run over a tiny set."""

from __future__ import annotations

import json
import lzma
import math
from pathlib import Path
from xml.etree import ElementTree

import pytest

from assistant.config import load_settings
from assistant.errors import ConfigError
from assistant.surfaces.cli import main
from evals.bench import retrieval
from evals.bench.plot import Dot, plot_dots
from evals.bench.quality import Quality, compare_pairs, mean_quality, rank_ids, score_ranks
from evals.bench.retrieval import RetrievalOptions, choose_questions, main_retrieval
from evals.bench.sets import hold_out, read_set

ROWS = [
    {"id": "a", "title": "培训法 第一章 总则 第一条", "text": "每班人数不得超过八十人。"},
    {"id": "b", "title": "培训法 第一章 总则 第二条", "text": "实操课时不得低于百分之六十五。"},
    {"id": "c", "title": "补贴法 第一条", "text": "补贴标准由财政部门公布。"},
    {"_id": "d", "title": "", "text": "申请材料应当公示三个工作日。"},
]
QUERIES = {
    "1": "一个班最多多少人",
    "2": "实操课要占多少",
    "3": "补贴标准谁来公布",
    "4": "申请材料公示几天",
    "5": "没有答案的题",
}
QRELS = [("1", "a", 1), ("2", "b", 1), ("3", "c", 1), ("3", "d", 1), ("4", "d", 1), ("5", "a", 0)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "tiny"
    root.mkdir()
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS)
    (root / "corpus.jsonl.xz").write_bytes(lzma.compress(lines.encode()))
    asked = [json.dumps({"id": i, "text": text}, ensure_ascii=False) for i, text in QUERIES.items()]
    (root / "queries.jsonl").write_text("\n".join(asked), encoding="utf-8")
    head = ["query-id\tcorpus-id\tscore"]
    (root / "qrels.tsv").write_text(
        "\n".join(head + ["\t".join(map(str, row)) for row in QRELS]), encoding="utf-8"
    )
    return root


def test_a_set_becomes_documents_of_one_clause_a_passage(folder: Path) -> None:
    read = read_set(folder)
    assert [d.title for d in read.documents] == ["培训法", "补贴法", "tiny-00003"]
    first = read.documents[0]
    assert [(c.label, c.headings) for c in first.clauses] == [
        ("第一条", ("培训法 第一章 总则",)),
        ("第二条", ("培训法 第一章 总则",)),
    ]
    for document in read.documents:
        for clause in document.clauses:
            assert document.source[clause.start : clause.end] == clause.text
    assert sorted(read.passages.values()) == ["a", "b", "c", "d"]
    assert read.qrels == {"1": {"a"}, "2": {"b"}, "3": {"c", "d"}, "4": {"d"}}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("corpus.jsonl.xz", None, "没有 corpus", id="no corpus"),
        pytest.param("qrels.tsv", None, "没有 qrels", id="no qrels"),
        pytest.param("queries.jsonl", "{broken", "第 1 行的格式不符", id="broken line"),
        pytest.param("queries.jsonl", '{"id": "1"}', "第 1 行的格式不符", id="no text"),
        pytest.param("qrels.tsv", "head\n1\ta", "第 2 行不是三列", id="two columns"),
        pytest.param("corpus.jsonl.xz", "not xz", "无法读取", id="not xz"),
    ],
)
def test_sets_that_cannot_be_read(folder: Path, name: str, content: str | None, message: str) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read_set(folder)


def test_held_out_questions_share_no_answer_with_the_others() -> None:
    qrels = {str(n): frozenset({f"p{n // 2}", f"x{n % 7}"} if n % 5 else {f"only{n}"}) for n in range(60)}
    held = hold_out(qrels, 8)
    assert 8 <= len(held) < 60
    answers = {p for q in held for p in qrels[q]}
    assert not any(answers & qrels[q] for q in qrels if q not in held)
    assert held == hold_out(dict(reversed(qrels.items())), 8)


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        pytest.param([1], (1.0, 1.0, 1.0), id="first"),
        pytest.param([None, 2], (0.5, 0.5, (1 / math.log2(3)) / (1 + 1 / math.log2(3))), id="one of two"),
        pytest.param([11], (0.0, 0.0, 0.0), id="beyond the cut"),
        pytest.param([1, 2], (1.0, 1.0, 1.0), id="both first"),
    ],
)
def test_quality_of_a_ranking(ranks: list[int | None], expected: tuple[float, float, float]) -> None:
    assert score_ranks(ranks) == pytest.approx(Quality(*expected))


def test_ranks_of_ids_and_means() -> None:
    assert rank_ids(["x", "a", "a", "b"], frozenset({"b", "a", "c"})) == [2, 4, None]
    assert mean_quality([Quality(1, 0.5, 0), Quality(0, 0.5, 1)]) == Quality(0.5, 0.5, 0.5)


def test_the_interval_holds_the_mean_and_knows_noise_from_a_lead() -> None:
    noise = compare_pairs([1, 0] * 50, [0, 1] * 50)
    assert noise.low < 0 < noise.high
    lead = compare_pairs([0.9] * 40 + [0.5] * 10, [0.5] * 50)
    assert 0 < lead.low < lead.mean < lead.high
    assert lead == compare_pairs([0.9] * 40 + [0.5] * 10, [0.5] * 50)


def test_the_plot_is_an_svg_with_every_system() -> None:
    dots = {"laws": [Dot("条问", 8, 0.6), Dot("<b>LangChain", 160, 0.5)], "tiny": [Dot("条问", 1, 1.0)]}
    svg = plot_dots(dots, "毫秒", "召回")
    root = ElementTree.fromstring(svg)
    circles = list(root.iter("{http://www.w3.org/2000/svg}circle"))
    assert len(circles) == 3
    assert "<b>" not in svg
    fast, slow = circles[:2]
    assert float(fast.get("cx")) < float(slow.get("cx"))
    assert float(fast.get("cy")) < float(slow.get("cy"))
    assert "NaN" not in plot_dots({"none": []}, "", "")


def test_a_run_measures_every_system_and_says_what_it_left_out(folder, tmp_path, monkeypatch, capfd) -> None:
    monkeypatch.setattr(retrieval, "REPORTS_DIR", tmp_path)
    monkeypatch.setattr(
        retrieval, "_import_peer", lambda skipped: skipped.append("LangChain：没有安装") or None
    )
    monkeypatch.setattr(retrieval, "save_bench", lambda report: _save(report, tmp_path))
    path = main_retrieval(RetrievalOptions((folder,), 0, True, (), load_settings()))
    report = json.loads(path.read_text(encoding="utf-8"))
    by_label = {f["label"]: f["median"] for f in report["figures"]}
    assert by_label["召回@10　条问"] == 1.0
    assert by_label["建索引"] > 0
    assert by_label["重新打开"] > 0
    assert by_label["单独进程 p50"] > 0
    assert report["skipped"] == ["LangChain：没有安装"]
    assert list(tmp_path.glob("bench-*.svg"))
    assert "召回@10" in capfd.readouterr().out


def _save(report, folder: Path) -> Path:
    path = folder / "bench.json"
    path.write_text(report.model_dump_json(), encoding="utf-8")
    return path


def test_questions_are_all_or_those_held_out(folder: Path) -> None:
    read = read_set(folder)
    assert choose_questions(read, 0) == ["1", "2", "3", "4"]
    assert choose_questions(read, 1) in (["1"], ["2"], ["3", "4"])


def test_the_command_writes_the_questions_to_hold_out(folder: Path, tmp_path: Path, capfd) -> None:
    out = tmp_path / "held.jsonl"
    command = ["bench", "retrieval", "--set", str(folder)]
    assert main([*command, "--validation", "1", "--write-hold-out", str(out)]) == 0
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == choose_questions(read_set(folder), 1)
    assert main([*command, "--write-hold-out", str(out)]) == 2
    assert main(["bench", "retrieval"]) == 2
    assert "没有要测的数据集" in capfd.readouterr().err
