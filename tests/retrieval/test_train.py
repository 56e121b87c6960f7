"""The trainer on a synthetic corpus: the loss falls, the bytes repeat, the pairs are learnt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import ModelError
from assistant.retrieval import contrast
from assistant.retrieval.contrast import ContrastOptions, PairSource
from assistant.retrieval.cooccurrence import embed_cooccurrence
from assistant.retrieval.embed import StaticEmbedder
from assistant.retrieval.resume import TrainingFolder
from assistant.retrieval.train import TrainOptions, train_static
from assistant.retrieval.vocabulary import Bags, build_tokenizer, encode_bags

TOPICS = {
    "师资": ("教师", "讲师", "专家", "教练", "导师"),
    "资金": ("补贴", "拨付", "财政", "预算", "审计"),
    "场地": ("教室", "车间", "工位", "设备", "机房"),
    "学员": ("农民", "工人", "青年", "妇女", "退役军人"),
}
CONTRAST = ContrastOptions(dims=(16, 8), steps=40, rate=0.02, seed=3, n_runs=2, n_threads=1)
OPTIONS = TrainOptions(n_tokens=400, min_char=1, contrast=CONTRAST)


def _make_texts() -> list[str]:
    rng = np.random.default_rng(0)
    lines = []
    for _ in range(300):
        topic = list(TOPICS)[int(rng.integers(len(TOPICS)))]
        words = rng.choice(TOPICS[topic], size=3, replace=False)
        lines.append(f"{topic}方面：{words[0]}和{words[1]}，以及{words[2]}。")
    return lines


def _make_pairs() -> PairSource:
    pairs = [
        (f"问{topic}的{left}", f"规定{topic}与{right}")
        for topic, words in TOPICS.items()
        for left in words
        for right in words
        if left != right
    ]
    return PairSource("made", pairs, batch=32)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float]]:
    folder = tmp_path_factory.mktemp("model")
    report = train_static(_make_texts(), [_make_pairs()], folder, OPTIONS)
    assert report.n_tokens <= OPTIONS.n_tokens
    return folder, report.losses


def test_the_loss_falls(trained: tuple[Path, list[float]]) -> None:
    _, losses = trained
    assert len(losses) == CONTRAST.n_runs * CONTRAST.steps
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])


def test_two_runs_give_the_same_bytes(trained: tuple[Path, list[float]], tmp_path: Path) -> None:
    folder, _ = trained
    train_static(_make_texts(), [_make_pairs()], tmp_path, OPTIONS)
    names = sorted(p.name for p in folder.iterdir())
    assert names == ["config.json", "scales.npy", "table.npy", "tokenizer.json"]
    for name in names:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize("stage", ["词表和共现", "对比训练 1/2", "对比训练 2/2"])
def test_a_killed_training_goes_on_and_gives_the_same_bytes(
    trained: tuple[Path, list[float]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    monkeypatch.setattr(contrast, "_KEEP_EVERY", 15)
    done: list[str] = []

    def die(name: str, n_done: int, n_all: int) -> None:
        done.append(f"{name}:{n_done}")
        if name == stage and n_done >= n_all - 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_static(_make_texts(), [_make_pairs()], tmp_path, OPTIONS, die)
    assert (tmp_path / ".training").is_dir()
    assert not (tmp_path / "config.json").exists()
    before = list(done)
    report = train_static(
        _make_texts(), [_make_pairs()], tmp_path, OPTIONS, lambda *step: done.append(f"{step[0]}:{step[1]}")
    )
    again = done[len(before) :]
    if stage == "对比训练 2/2":
        assert not any(step.startswith(("词表", "对比训练 1/2")) for step in again)
        assert again[0] == "对比训练 2/2:31"
    assert report.losses == trained[1]
    assert not (tmp_path / ".training").exists()
    for path in trained[0].iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("part", ["tokenizer.json", "rows.npy", "run-0"])
@pytest.mark.parametrize("damage", [b"", b"\x00" * 100], ids=["empty", "zeros"])
def test_a_damaged_part_is_made_again(
    trained: tuple[Path, list[float]], tmp_path: Path, part: str, damage: bytes
) -> None:
    def die(name: str, n_done: int, _n_all: int) -> None:
        if name == "对比训练 2/2" and n_done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_static(_make_texts(), [_make_pairs()], tmp_path, OPTIONS, die)
    (tmp_path / ".training" / part).write_bytes(damage)
    train_static(_make_texts(), [_make_pairs()], tmp_path, OPTIONS)
    assert (tmp_path / "table.npy").read_bytes() == (trained[0] / "table.npy").read_bytes()


def test_a_training_of_other_inputs_starts_anew(tmp_path: Path) -> None:
    kept = TrainingFolder(tmp_path / ".training", "a" * 64)
    kept.save("rows.npy", b"of another training")
    assert kept.load("rows.npy") == b"of another training"
    train_static(_make_texts(), [], tmp_path, OPTIONS)
    assert StaticEmbedder(tmp_path).dim == 16


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(ModelError, match="写不了训练目录"):
        train_static(_make_texts(), [], tmp_path / "file", OPTIONS)


def test_another_seed_gives_another_name(trained: tuple[Path, list[float]], tmp_path: Path) -> None:
    options = replace(OPTIONS, contrast=replace(CONTRAST, steps=2, seed=4))
    train_static(_make_texts(), [_make_pairs()], tmp_path, options)
    assert StaticEmbedder(tmp_path).name != StaticEmbedder(trained[0]).name


def test_a_question_lies_nearest_to_its_topic(trained: tuple[Path, list[float]]) -> None:
    embedder = StaticEmbedder(trained[0])
    texts = embedder.embed_documents([f"规定{topic}" for topic in TOPICS])
    for n, words in enumerate(TOPICS.values()):
        assert int(np.argmax(texts @ embedder.embed_query(f"问{words[0]}"))) == n


def test_without_pairs_the_cooccurrence_vectors_are_written(tmp_path: Path) -> None:
    report = train_static(_make_texts(), [], tmp_path, OPTIONS)
    assert report.losses == []
    embedder = StaticEmbedder(tmp_path)
    near, far = embedder.embed_query("讲师"), embedder.embed_query("预算")
    assert embedder.embed_query("教师") @ near > embedder.embed_query("教师") @ far


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        pytest.param([], "没有可用的文字", id="no-text"),
        pytest.param(["，。"], "没有可用的文字", id="only-marks"),
        pytest.param(["培训"], "不足 16 维", id="fewer-words-than-dimensions"),
    ],
)
def test_texts_that_cannot_be_trained_on(tmp_path: Path, texts: list[str], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        train_static(texts, [], tmp_path, OPTIONS)


def test_the_vocabulary_holds_words_characters_and_the_added_words() -> None:
    texts = ["职业技能培训应当配备教师"] * 5
    tokenizer = build_tokenizer(texts, n_tokens=60, min_char=1, words=["应当配备教师"])
    assert tokenizer.get_vocab_size() <= 60
    assert tokenizer.encode("培训应当配备教师").tokens == ["培训", "应当配备教师"]
    assert tokenizer.encode("配备教师").tokens == ["配备", "教师"]
    assert tokenizer.encode("师配").tokens == ["师", "配"]


def test_texts_are_cut_to_max_tokens() -> None:
    tokenizer = build_tokenizer(["教师和师资"], n_tokens=60, min_char=1)
    bags = encode_bags(tokenizer, ["教师教师教师", "", "师资"], max_tokens=2)
    assert bags.offsets.tolist() == [0, 2, 2, 3]


def test_tokens_with_the_same_neighbours_get_the_same_direction() -> None:
    lines = [[1, 3], [2, 3], [1, 4], [2, 4], [5, 6], [5, 7]] * 20
    ids = np.array([t for line in lines for t in line], dtype=np.int64)
    bags = Bags(ids, np.arange(0, len(ids) + 1, 2, dtype=np.int64))
    rows = embed_cooccurrence(bags, 8, 4, window=2, seed=0)
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    assert rows[1] @ rows[2] > 0.99
    assert abs(rows[1] @ rows[5]) < 0.2
