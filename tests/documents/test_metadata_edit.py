"""Single keys of a `document.yaml` are changed; everything else stays as it is."""

from __future__ import annotations

from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assistant.documents.metadata import DocumentMeta
from assistant.documents.metadata_edit import dump_meta, write_keys
from assistant.errors import CorpusError

FILE = """# 说明
title: 某县办法  # 标题
region: "411522"
parts:
  - {id: notice, label: 通知}
  - {starts_with: 某县}
# 日期
issued: 2024-03-01
"""


@pytest.mark.parametrize(
    ("text", "changes", "expected"),
    [
        (FILE, {"expires": date(2025, 1, 1)}, FILE + "expires: 2025-01-01\n"),
        (FILE, {"issued": date(2024, 5, 1)}, FILE.replace("2024-03-01", "2024-05-01")),
        (FILE, {"title": "新标题"}, FILE.replace("某县办法  # 标题", "新标题")),
        (
            FILE,
            {"parts": None},
            FILE.replace("parts:\n  - {id: notice, label: 通知}\n  - {starts_with: 某县}\n", ""),
        ),
        (FILE, {"expires": None}, FILE),
        ("", {"title": "一"}, "title: 一\n"),
        ("title: 一", {"year": 2024}, "title: 一\nyear: 2024\n"),
        ("title: 一\nexpires: 2025-01-01\n", {"expires": None}, "title: 一\n"),
    ],
    ids=["append", "date", "comment of the line", "list out", "not there", "empty", "no newline", "out"],
)
def test_keys_are_written(text, changes, expected):
    assert write_keys(text, changes) == expected


@pytest.mark.parametrize("text", ["[a, b]", "{title: 一}", "title: [", "just text"])
def test_what_is_no_mapping_is_refused(text):
    with pytest.raises(CorpusError):
        write_keys(text, {"title": "x"})


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(lambda t: t == t.strip()))
def test_any_text_comes_back_as_it_was(text):
    written = dump_meta({"title": text, "region": "411522", "issued": date(2024, 3, 1)})
    read = DocumentMeta.model_validate(yaml.load(written, Loader=yaml.CSafeLoader))
    assert (read.title, read.region, read.issued) == (text, "411522", date(2024, 3, 1))
