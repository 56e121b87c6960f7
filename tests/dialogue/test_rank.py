"""Order of the clauses: rows that a question does not tell apart stand back behind their total."""

import shutil

import pytest

from assistant.app import build_indexes, open_assistant
from assistant.models import Question

SOURCE = """商城县2026年培训方案

商人社发〔2026〕2号

各乡镇人民政府：

现将有关事项通知如下。

一、目标任务

（一）总体要求。按照县里部署组织实施。

附件

商城县培训任务分解表

乡镇	2026年	其中重点对象	2027年	两年合计
三合镇	300	80	260	560
苟江镇	340	90	310	650
乌江镇	220	70	200	420
鸭溪镇	480	110	430	910
合计	1340	350	1200	2540
"""


def open_with(settings, folder, source, title, number, region):
    """The assistant over the shipped corpus and one more document."""
    shutil.copytree(settings.corpus_dir, folder / "corpus")
    document = folder / "corpus" / "documents" / "added"
    document.mkdir()
    (document / "source.txt").write_text(source, encoding="utf-8")
    (document / "document.yaml").write_text(
        f'title: {title}\nnumber: {number}\nissuer: 人力资源和社会保障局\nregion: "{region}"\nissued: 2026-03-02\n',
        encoding="utf-8",
    )
    changed = settings.model_copy(update={"corpus_dir": folder / "corpus", "index_dir": folder / "indexes"})
    build_indexes(changed)
    return open_assistant(changed)


@pytest.fixture(scope="module")
def ask_there(settings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("years")
    number = "商人社发〔2026〕2号"
    assistant = open_with(settings, folder, SOURCE, "商城县2026年培训方案", number, "411524")
    return lambda text, as_of: assistant.ask(Question(text, as_of, "商城县"))


def test_a_whole_is_told_by_its_total(ask_there, as_of):
    answer = ask_there("2026年和2027年各要完成多少人次培训", as_of)
    assert "1340" in answer.text
    assert "1200" in answer.text
    assert "乌江镇" not in answer.text


def test_a_row_that_is_named_is_told(ask_there, as_of):
    answer = ask_there("乌江镇2027年任务多少人次", as_of)
    assert "200" in answer.text
    assert "三合镇" not in answer.text


CONTACTS = """信阳市培训办事指南

信人社发〔2026〕5号

各县区：

现将有关事项通知如下。

一、办理

（一）受理。各县区按附件受理。

附件

各县区受理科室

序号	县区	受理科室	投诉电话
1	商城县	培训指导股	0376-7960001
2	光山县	就业促进股	0376-8850002
3	新县	劳务协作股	0376-2970003
"""


def test_a_place_that_rows_are_for_names_its_row(settings, tmp_path, as_of):
    number = "信人社发〔2026〕5号"
    assistant = open_with(settings, tmp_path, CONTACTS, "信阳市培训办事指南", number, "411500")
    answer = assistant.ask(Question("光山县的培训投诉归哪个科室", as_of, "信阳市"))
    assert "就业促进股" in answer.text
    assert "劳务协作股" not in answer.text
    told = assistant.ask(Question("新县的投诉电话是多少", as_of, "信阳市"))
    assert "0376-2970003" in told.text
    assert "0376-8850002" not in told.text


def test_a_year_without_a_column_is_refused(ask_there, as_of):
    answer = ask_there("2029年鸭溪镇任务多少", as_of)
    assert answer.status == "refused"
