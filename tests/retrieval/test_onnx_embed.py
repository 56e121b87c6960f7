"""ONNX models: the vectors of sentence-transformers without it, one text one vector, folders that are refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from assistant.config import RetrievalSettings
from assistant.errors import IndexStale, ModelError
from assistant.retrieval.embed import SHIPPED, SentenceTransformerEmbedder, StaticEmbedder, load_embedder
from assistant.retrieval.onnx_embed import OnnxEmbedder
from assistant.retrieval.opened import open_generation
from assistant.retrieval.retrieve import Query

EXACT = RetrievalSettings(vectors="exact")
LONG = "每班人数不得超过八十人，培训补贴标准为每人一千元。" * 40
TEXTS = ["", "人", "问", "每班人数", "不认识的字鑫龘", "abc ABC 每期", LONG, LONG[:90], LONG[:1000], "人"]
Damage = Callable[[Path], None]


@pytest.fixture(scope="module")
def embedder(tiny_models) -> OnnxEmbedder:
    return OnnxEmbedder(tiny_models.onnx)


def write(name: str, content: object) -> Damage:
    """Put JSON, or bytes, in a file of the folder."""

    def change(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())

    return change


def merge(name: str, **values: object) -> Damage:
    """Set keys of a JSON file of the folder."""

    def change(folder: Path) -> None:
        old = json.loads((folder / name).read_text(encoding="utf-8"))
        write(name, old | values)(folder)

    return change


def drop(*names: str) -> Damage:
    """Remove files of the folder."""

    def change(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return change


POOLING, TRANSFORMER, PROMPTS = (
    "1_Pooling/config.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
)
FLAGS = {"word_embedding_dimension": 32, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": False}
CHANGES = {
    "as saved": lambda folder: None,
    "cls": merge(POOLING, pooling_mode="cls"),
    "cls by flag": write(POOLING, FLAGS | {"pooling_mode_cls_token": True}),
    "mean by flag": write(POOLING, FLAGS | {"pooling_mode_mean_tokens": True}),
    "short": merge(TRANSFORMER, max_seq_length=9),
    "no limit in the tokenizer": merge("tokenizer_config.json", model_max_length=10**30),
    "lower case": merge(TRANSFORMER, do_lower_case=True),
    "prompts": merge(PROMPTS, prompts={"query": "问：", "document": "文："}),
    "prompts of other names": merge(PROMPTS, prompts={"passage": "文："}, default_prompt_name="passage"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_vectors_are_those_of_sentence_transformers(tiny_models, tmp_path, change):
    folder = Path(shutil.copytree(tiny_models.onnx, tmp_path / "model"))
    change(folder)
    mine, theirs = OnnxEmbedder(folder), SentenceTransformerEmbedder(str(folder))
    vectors = mine.embed_documents(TEXTS)
    assert (vectors.dtype, vectors.shape, mine.dim) == (np.float32, (len(TEXTS), 32), 32)
    np.testing.assert_allclose(vectors, theirs.embed_documents(TEXTS), atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    for text in TEXTS[2:4]:
        np.testing.assert_allclose(mine.embed_query(text), theirs.embed_query(text), atol=1e-4)


def test_a_text_gives_the_same_bytes_in_any_company(embedder):
    together = embedder.embed_documents(TEXTS)
    backwards = embedder.embed_documents(TEXTS[::-1])[::-1]
    assert together.tobytes() == backwards.tobytes()
    for text, vector in zip(TEXTS, together, strict=True):
        assert embedder.embed_query(text).tobytes() == vector.tobytes()
        assert embedder.embed_documents([text]).tobytes() == vector.tobytes()
    assert embedder.embed_documents([]).shape == (0, 32)


def test_prompts_stand_before_questions_and_clauses(embedder, tiny_models, tmp_path):
    folder = Path(shutil.copytree(tiny_models.onnx, tmp_path / "model"))
    CHANGES["prompts"](folder)
    prompted = OnnxEmbedder(folder)
    assert prompted.embed_query("每班人数").tobytes() == embedder.embed_query("问：每班人数").tobytes()
    (document,) = prompted.embed_documents(["每班人数"])
    assert document.tobytes() == embedder.embed_query("文：每班人数").tobytes()
    assert not np.allclose(document, embedder.embed_query("每班人数"), atol=1e-2)


def test_the_end_of_a_long_text_is_cut_off(embedder):
    cut = embedder.embed_query(LONG[:126])  # and the tokens [CLS] and [SEP]
    assert embedder.embed_query(LONG).tobytes() == cut.tobytes()
    assert embedder.embed_query(LONG[:125]).tobytes() != cut.tobytes()


@pytest.mark.parametrize("kind", ["static", "onnx", "onnx at the top", "torch"])
def test_the_folder_tells_which_embedder(tiny_models, tmp_path, kind):
    top = tmp_path / "top"
    top.mkdir()
    shutil.copy(tiny_models.onnx / "onnx" / "model.onnx", top)
    shutil.copy(tiny_models.onnx / "tokenizer.json", top)
    folder, expected = {
        "static": (SHIPPED, StaticEmbedder),
        "onnx": (tiny_models.onnx, OnnxEmbedder),
        "onnx at the top": (top, OnnxEmbedder),
        "torch": (tiny_models.torch, SentenceTransformerEmbedder),
    }[kind]
    loaded = load_embedder(str(folder))
    assert type(loaded) is expected
    vector = loaded.embed_query("每班人数")
    assert vector.shape == (loaded.dim,)
    assert float(np.linalg.norm(vector)) == pytest.approx(1, abs=1e-5)


def test_a_model_and_a_tokenizer_are_enough(embedder, tiny_models, tmp_path):
    shutil.copy(tiny_models.onnx / "onnx" / "model.onnx", tmp_path)
    shutil.copy(tiny_models.onnx / "tokenizer.json", tmp_path)
    bare = OnnxEmbedder(tmp_path)
    assert bare.embed_documents(TEXTS[:6]).tobytes() == embedder.embed_documents(TEXTS[:6]).tobytes()


def test_neither_torch_nor_transformers_is_imported(tiny_models):
    code = (
        "import sys; from assistant.retrieval.embed import load_embedder;"
        "model = load_embedder(sys.argv[1]);"
        "print(type(model).__name__, model.embed_query('人').shape, model.embed_documents(['人', '']).shape);"
        "print(*sorted({'torch', 'transformers', 'sentence_transformers', 'onnx'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(tiny_models.onnx)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["OnnxEmbedder (32,) (2, 32)", ""]


def test_the_name_follows_whatever_changes_a_vector(embedder, tiny_models, tmp_path):
    def name_after(change: Damage) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir()))) / "onnx"
        shutil.copytree(tiny_models.onnx, folder)
        change(folder)
        return OnnxEmbedder(folder).name

    assert name_after(lambda folder: None) == embedder.name
    assert name_after(write("README.md", b"else")) == embedder.name
    tokenizer = (tiny_models.onnx / "tokenizer.json").read_bytes()
    changed = [
        name_after(change)
        for change in (
            write("onnx/model.onnx_data", b"weights"),
            write("tokenizer.json", tokenizer + b"\n"),
            *(CHANGES[c] for c in ("cls", "short", "prompts", "lower case")),
        )
    ]
    assert len({embedder.name, *changed}) == 7
    assert all(name.startswith("onnx-") and len(name) == 21 for name in changed)


def test_an_index_of_another_model_is_refused(embedder, tiny_models, open_small, tmp_path):
    theirs = SentenceTransformerEmbedder(str(tiny_models.torch))
    index_dir = tmp_path / "indexes"
    retriever = open_small(embedder, EXACT, index_dir)
    (best,) = retriever.retrieve(Query("培训资金专款专用"), None, 1)
    assert (best.clause.clause_id, best.legs["dense"]) == ("b#5", pytest.approx(1, abs=1e-5))
    with pytest.raises(IndexStale) as caught:
        open_generation(index_dir, theirs.name, EXACT)
    assert embedder.name in caught.value.message
    assert theirs.name in caught.value.message
    assert "tiaowen index" in caught.value.hint


def graph(*outputs: str, **inputs: int) -> Damage:
    """Put a little graph in place of the model.

    Args:
        outputs: which of `rows`, `summed`, `ids`, `flat`, `nan` it gives, in order: vectors of the tokens, their
            sum, the token ids, the sum without its axis of texts, a row that is no number.
        inputs: element types of what it asks for; `input_ids` as int64 where nothing else is said.
    """

    def change(folder: Path) -> None:
        types = {"input_ids": TensorProto.INT64} | inputs
        table = np.random.default_rng(3).normal(size=(2000, 6)).astype(np.float32)
        nodes = [
            helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
            helper.make_node("ReduceSum", ["rows", "axis"], ["summed"], keepdims=0),
            helper.make_node("Identity", ["input_ids"], ["ids"]),
            helper.make_node("ReduceSum", ["summed", "first"], ["flat"], keepdims=0),
            helper.make_node("Div", ["zero", "zero"], ["nan"]),
        ]
        constants = {
            "table": table,
            "axis": np.array([1]),
            "first": np.array([0]),
            "zero": np.zeros((1, 6), dtype=np.float32),
        }
        made = {name: TensorProto.INT64 if name == "ids" else TensorProto.FLOAT for name in outputs}
        model = helper.make_model(
            helper.make_graph(
                nodes,
                "tiny",
                [helper.make_tensor_value_info(n, t, ["texts", "tokens"]) for n, t in types.items()],
                [helper.make_tensor_value_info(n, t, None) for n, t in made.items()],
                [numpy_helper.from_array(value, name) for name, value in constants.items()],
            ),
            opset_imports=[helper.make_opsetid("", 17)],
            ir_version=8,
        )
        onnx.save(model, folder / "onnx" / "model.onnx")

    return change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(graph("summed"), id="text vectors"),
        pytest.param(graph("rows", "ids"), id="token vectors first"),
        pytest.param(graph("rows", input_ids=TensorProto.INT32), id="int32"),
    ],
)
def test_other_graphs_are_used_as_they_are(tiny_models, tmp_path, change):
    folder = Path(shutil.copytree(tiny_models.onnx, tmp_path / "model"))
    change(folder)
    made = OnnxEmbedder(folder)
    table = np.random.default_rng(3).normal(size=(2000, 6)).astype(np.float32)
    ids = made._tokenizer.encode("每班人数").ids
    expected = table[ids].sum(axis=0)
    assert made.dim == 6
    np.testing.assert_allclose(made.embed_query("每班人数"), expected / np.linalg.norm(expected), atol=1e-6)


def test_a_text_without_a_token_is_the_zero_vector(tiny_models, tmp_path):
    folder = Path(shutil.copytree(tiny_models.onnx, tmp_path / "model"))
    merge("tokenizer.json", post_processor=None)(folder)
    vectors = OnnxEmbedder(folder).embed_documents(["", "人", "  "])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [0, 1, 0], atol=1e-6)


DENSE = [{"type": "sentence_transformers.models.Pooling"}, {"type": "sentence_transformers.models.Dense"}]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param(drop("onnx/model.onnx"), "缺少文件 onnx/model.onnx 或 model.onnx", id="no-model"),
        pytest.param(drop("tokenizer.json"), "缺少文件 tokenizer.json", id="no-tokenizer"),
        pytest.param(write("onnx/model.onnx", b"junk"), "model.onnx 无法载入", id="model-junk"),
        pytest.param(write("onnx/model.onnx", b""), "model.onnx 无法载入", id="model-empty"),
        pytest.param(write("tokenizer.json", b"junk"), "tokenizer.json 无法读取", id="tokenizer-junk"),
        pytest.param(write("tokenizer.json", {}), "tokenizer.json 无法读取", id="tokenizer-empty"),
        pytest.param(merge(POOLING, pooling_mode="max"), "汇聚方式 max 不支持", id="max"),
        pytest.param(merge(POOLING, pooling_mode=["cls", "mean"]), r"cls\+mean 不支持", id="two-poolings"),
        pytest.param(
            write(POOLING, FLAGS | {"pooling_mode_max_tokens": True}), "汇聚方式 max 不支持", id="max-by-flag"
        ),
        pytest.param(merge(POOLING, include_prompt=False), "不含提示词", id="prompt-left-out"),
        pytest.param(write(POOLING, b"{"), r"1_Pooling/config.json 有误", id="pooling-junk"),
        pytest.param(merge(TRANSFORMER, max_seq_length=0), "有误：max_seq_length", id="no-tokens"),
        pytest.param(merge(PROMPTS, prompts={"query": 1}), "有误：prompts.query", id="prompt-a-number"),
        pytest.param(write("modules.json", DENSE), "汇聚之后还有 Dense", id="dense"),
        pytest.param(graph("ids"), r"第一个输出不是向量：int64", id="integers"),
        pytest.param(graph("flat"), r"第一个输出不是向量：float32\(6,\)", id="no-axis-of-texts"),
        pytest.param(
            graph("summed", input_ids=TensorProto.INT64, position_ids=TensorProto.INT64),
            "输入 position_ids",
            id="unknown-input",
        ),
        pytest.param(
            graph("summed", attention_mask=TensorProto.FLOAT),
            r"tensor\(float\) 无法提供",
            id="input-of-floats",
        ),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused_with_a_remedy(tiny_models, tmp_path, damage, message):
    folder = Path(shutil.copytree(tiny_models.onnx, tmp_path / "model"))
    damage(folder)
    with pytest.raises(ModelError, match=message) as caught:
        OnnxEmbedder(folder)
    assert str(folder) in caught.value.message
    assert "ONNX" in caught.value.hint or "onnx" in caught.value.hint


def test_a_vector_that_is_no_number_is_refused(tiny_models, tmp_path):
    folder = Path(shutil.copytree(tiny_models.onnx, tmp_path / "model"))
    graph("nan")(folder)
    with pytest.raises(ModelError, match="不是有限的数"):
        OnnxEmbedder(folder).embed_query("人")


def test_a_model_that_fails_on_a_text_is_told(tiny_models, tmp_path):
    folder = Path(shutil.copytree(tiny_models.onnx, tmp_path / "model"))
    graph("summed")(folder)
    model = onnx.load(folder / "onnx" / "model.onnx")
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 4  # exported for four tokens only
    onnx.save(model, folder / "onnx" / "model.onnx")
    made = OnnxEmbedder(folder)
    with pytest.raises(ModelError, match="计算失败"):
        made.embed_query("每班人数")
