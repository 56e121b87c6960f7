"""A small corpus of one county's plan, made up for the tests, with rules; and files of a second one to take in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.app import build_indexes, pin_rules
from assistant.config import RetrievalSettings, Settings, StoreSettings, data_dir
from assistant.retrieval import build
from assistant.retrieval.segment import Segmenter
from assistant.upkeep.changes import Signer
from assistant.upkeep.drafts import Shelf, open_shelf

AT = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
PLAN = "guangshan-2024-3"
TEXT = """光山县人民政府办公室文件

光政办〔2024〕3号

光山县职业技能培训管理办法

第一条　为规范全县职业技能培训，提高培训质量，制定本办法。

第二条　本办法适用于光山县行政区域内的职业技能培训活动。

第三条　培训班每班人数不得超过80人。每名教师最多指导20名学员。

第四条　总课时不少于40课时，其中实操课时不少于24课时。

第五条　培训机构应当在开班前5个工作日内报县人力资源和社会保障局备案。

第六条　本办法自2024年4月1日起施行。

光山县人民政府办公室

2024年3月1日
"""
RULES = """# 光山县的规则
parameters:
  max_class_size:
    label: 每班人数上限
    unit: 人
    bound: "<="
    values:
      - {value: 80, from: 2024-04-01, cite: {clause: "3", quote: 每班人数不得超过80人}}  # 不含教师
  min_hours:
    label: 最少总课时
    unit: 课时
    bound: ">="
    values:
      - {value: 40, from: 2024-04-01, cite: {clause: "4", quote: 总课时不少于40课时}}
checks:
  class-size: {subject: class, label: 每班人数, require: class_size <= max_class_size}
  hours: {subject: class, label: 总课时, require: class_hours >= min_hours}
examples:
  - {name: 70人, rule: class-size, facts: {class_size: 70}, expect: pass}
  - {name: 81人, rule: class-size, facts: {class_size: 81}, expect: fail}
  - {name: 40课时, rule: hours, facts: {class_hours: 40}, expect: pass}
"""
FACTS = """facts:
  class_size: {label: 班级人数, type: integer, unit: 人, min: 0, ask: 这个班有多少人？, wording: [NUM人]}
  class_hours: {label: 总课时, type: integer, unit: 课时, min: 0, ask: 总课时是多少？, wording: [NUM课时]}
"""
QUESTIONS = '"3": [一个班最多能坐多少人]\n"5": [开班要提前几天报备]\n'
SHARED = ("regions.yaml", "stopwords.txt", "dictionary.txt", "thesaurus.yaml", "calendar.yaml")
NEW_TEXT = """商城县人民政府办公室文件

商政办〔2025〕7号

商城县2025年职业技能培训实施方案

一、培训目标。全年开展补贴性培训3000人次以上，其中农村转移就业劳动者不少于1200人次。

二、培训要求

（一）严格班级管理。每班人数不得超过50人，开班前10个工作日报备。

（二）严格课时管理。每个班总课时不少于60课时。

三、资金管理。资金专款专用，任何单位不得截留、挪用。

商城县人民政府办公室

2025年2月10日
"""


@pytest.fixture(scope="session", autouse=True)
def _one_segmenter() -> Iterator[None]:
    """The segmenter of the shipped word lists, read once: the corpora of these tests have the same lists."""
    known = Segmenter(data_dir("corpus") / "dictionary.txt", data_dir("corpus") / "stopwords.txt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "Segmenter", lambda *_: known)
        yield


@pytest.fixture(scope="session")
def _small(tmp_path_factory: pytest.TempPathFactory, _one_segmenter: None) -> Settings:
    """The corpus with its index, never changed."""
    root = tmp_path_factory.mktemp("upkeep")
    folder = root / "corpus" / "documents" / PLAN
    folder.mkdir(parents=True)
    for name in SHARED:
        shutil.copyfile(data_dir("corpus") / name, root / "corpus" / name)
    (root / "corpus" / "facts.yaml").write_text(FACTS, encoding="utf-8")
    (folder / "source.txt").write_text(TEXT, encoding="utf-8")
    (folder / "document.yaml").write_text(
        "# 光山县\ntitle: 光山县职业技能培训管理办法\nissued: 2024-03-01\neffective: 2024-04-01\n",
        encoding="utf-8",
    )
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    (folder / "questions.yaml").write_text(QUESTIONS, encoding="utf-8")
    settings = make_settings(root)
    pin_rules(settings)
    build_indexes(settings)
    return settings


def make_settings(root: Path) -> Settings:
    return Settings(
        _env_file=None,
        corpus_dir=root / "corpus",
        index_dir=root / "indexes",
        store=StoreSettings(url=f"sqlite:///{root / 'tiaowen.db'}"),
        retrieval=RetrievalSettings(vectors="exact"),
    )


@pytest.fixture
def own(_small: Settings, tmp_path: Path) -> Settings:
    """A copy of the corpus with its index, to be changed."""
    shutil.copytree(_small.corpus_dir, tmp_path / "corpus")
    shutil.copytree(_small.index_dir, tmp_path / "indexes")
    return make_settings(tmp_path)


@pytest.fixture
def shelf(own: Settings) -> Shelf:
    return open_shelf(own)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file that somebody supplies."""

    def make(text: str, name: str = "supplied.txt") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return make


@pytest.fixture
def signer() -> Signer:
    return Signer("培训科", AT, "测试")


def describe_tree(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its path."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }
