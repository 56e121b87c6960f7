"""`tiaowen train-embedder` on small files, and the index that refuses another model."""

from __future__ import annotations

import json

import pytest

from assistant.retrieval.embed import StaticConfig, StaticEmbedder
from assistant.surfaces.cli import main

LINES = [
    f"第{n}条 {a}应当向{b}提出{c}，{b}应当办理{c}。"
    for n, (a, b, c) in enumerate(
        (a, b, c)
        for a in ("学员", "学校", "企业")
        for b in ("人社局", "教育局")
        for c in ("申请", "报备", "补贴")
    )
]


@pytest.fixture
def inputs(tmp_path):
    (tmp_path / "text.txt").write_text("\n".join(LINES * 3), encoding="utf-8")
    rows = [
        json.dumps({"src": "faq", "q": f"怎么{c}？", "p": f"应当办理{c}。"}, ensure_ascii=False)
        for c in ("申请", "报备", "补贴")
    ]
    (tmp_path / "pairs.jsonl").write_text("\n".join([*rows, "{broken"]), encoding="utf-8")
    small = ["--no-corpus", "--tokens", "500", "--dim", "8", "--steps", "3", "--runs", "1"]
    return [
        "train-embedder",
        "--text",
        str(tmp_path / "text.txt"),
        "--pairs",
        str(tmp_path / "pairs.jsonl"),
        *small,
    ]


def test_a_model_is_trained_and_says_how(inputs, tmp_path, capfd):
    out = tmp_path / "model"
    assert main([*inputs, "--out", str(out)]) == 0
    shown = capfd.readouterr()
    assert "有 1 行不能用，已跳过（第 4 行）" in shown.err
    assert f"模型已写入 {out}" in shown.out.replace("\n", "")
    embedder = StaticEmbedder(out)
    assert embedder.dim == 8
    config = StaticConfig.model_validate_json((out / "config.json").read_bytes())
    assert config.command == (
        "tiaowen train-embedder --text text.txt --pairs pairs.jsonl --no-corpus"
        " --tokens 500 --dim 8 --steps 3 --runs 1 --seed 0"
    )
    assert "pairs.jsonl: 3 pairs" in config.data


def test_the_same_command_gives_the_same_model(inputs, tmp_path):
    assert main([*inputs, "--out", str(tmp_path / "a")]) == main([*inputs, "--out", str(tmp_path / "b")]) == 0
    assert StaticEmbedder(tmp_path / "a").name == StaticEmbedder(tmp_path / "b").name


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        pytest.param(["--no-corpus"], 2, "没有训练文本", id="nothing to read"),
        pytest.param(["--no-corpus", "--text", "gone.txt"], 2, "无法读取训练数据", id="no such file"),
        pytest.param(["--runs", "0"], 2, "--runs", id="no run"),
    ],
)
def test_what_cannot_be_trained_is_told(tmp_path, capfd, args, code, words):
    assert main(["train-embedder", "--out", str(tmp_path / "model"), *args]) == code
    assert words in capfd.readouterr().err
