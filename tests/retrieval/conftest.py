"""A real Chroma server for the tests marked `chroma_server`; real transformers, tiny and made here; a small index."""

import hashlib
import shutil
import socket
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import NamedTuple

import pytest

from assistant.config import data_dir
from assistant.errors import StoreError
from assistant.models import Chunk, Clause
from assistant.retrieval import chroma
from assistant.retrieval.build import build_index
from assistant.retrieval.build_inputs import BuildInputs
from assistant.retrieval.opened import open_generation
from assistant.retrieval.retrieve import Retriever
from assistant.retrieval.thesaurus import Thesaurus

CLAUSES = (
    "每班人数不得超过八十人",
    "每课时不少于四十五分钟",
    "培训补贴标准为每人一千元",
    "培训机构应当配备专职教师",
    "考核合格后发给结业证书",
    "培训资金专款专用",
    "每期培训不少于五天",
    "学员年龄在十六周岁以上",
)
"""What the small index says; every character is in the vocabulary of the tiny models."""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def chroma_server(tmp_path):
    """(URL, process) of a fresh server on loopback."""
    beside = str(Path(sys.executable).parent)
    command = shutil.which("chroma", path=beside) or shutil.which("chroma")
    if command is None:
        pytest.skip("the chroma command is not installed")
    port = free_port()
    process = subprocess.Popen(
        [command, "run", "--path", str(tmp_path / "server"), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                chroma.open_client(None, url).close()
                break
            except StoreError:
                time.sleep(0.1)
        else:
            pytest.fail("the Chroma server did not start")
        yield url, process
    finally:
        process.kill()
        process.wait()


class TinyModels(NamedTuple):
    """Folders of models with random weights, always the same.

    Attributes:
        torch: a sentence-transformers folder, mean pooling, without prompts, at most 128 tokens.
        onnx: the same with `onnx/model.onnx`.
        cross: a cross-encoder that gives one score.
    """

    torch: Path
    onnx: Path
    cross: Path


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory):
    """Real models of two layers, made by the libraries that make large ones."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertForSequenceClassification, BertModel

    folder = tmp_path_factory.mktemp("tiny")
    tokenizer = make_tokenizer()
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    # Wide weights: vectors and scores of different texts shall differ in more than their last digits.
    config = BertConfig(
        vocab_size=len(tokenizer), max_position_embeddings=128, initializer_range=0.3, num_labels=1, **sizes
    )
    made = TinyModels(folder / "torch", folder / "onnx", folder / "cross")
    with torch.random.fork_rng():
        torch.manual_seed(7)
        bert = BertModel(config).eval()
        cross = BertForSequenceClassification(config).eval()
    for model, target in ((bert, folder / "plain"), (cross, made.cross)):
        model.save_pretrained(target)
        tokenizer.save_pretrained(target)
    modules = [Transformer(str(folder / "plain")), Pooling(32, pooling_mode="mean")]
    SentenceTransformer(modules=modules, device="cpu").save_pretrained(str(made.torch))
    shutil.copytree(made.torch, made.onnx)
    (made.onnx / "onnx").mkdir()
    export_onnx(bert, made.onnx / "onnx" / "model.onnx")
    return made


def make_tokenizer():
    """One token a character, as BERT cuts Chinese."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    characters = sorted({*"".join(CLAUSES), *"abc的人数问文，。", *map(chr, range(0x4E00, 0x4E00 + 200))})
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    ids = {token: i for i, token in enumerate([*special, *characters])}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    names = {f"{token.strip('[]').lower()}_token": token for token in special}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=128, **names)


def export_onnx(bert, path):
    """Token vectors of a BERT as the first output, any number of texts and tokens."""
    import torch

    class TokenVectors(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.bert = bert

        def forward(self, input_ids, attention_mask, token_type_ids):
            found = self.bert(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
            return found.last_hidden_state

    ids = torch.ones(2, 7, dtype=torch.long)
    axes = {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            TokenVectors().eval(),
            (ids, torch.ones_like(ids), torch.zeros_like(ids)),
            str(path),
            input_names=["input_ids", "attention_mask", "token_type_ids"],
            output_names=["last_hidden_state"],
            dynamic_shapes=(axes, axes, axes),
            dynamo=True,
            external_data=False,
            verbose=False,
        )


@pytest.fixture(scope="session")
def open_small():
    """Opens a retriever over `CLAUSES`, indexed with a given embedder; documents `a` and `b`, in turn."""

    def open_one(embedder, settings, index_dir):
        clauses, chunks = [], []
        for number, text in enumerate(CLAUSES):
            document = "ab"[number % 2]
            clause_id = f"{document}#{number}"
            digest = hashlib.sha256(text.encode()).hexdigest()
            clauses.append(Clause(clause_id, document, str(number), "", "clause", 0, len(text), text))
            chunks.append(Chunk(clause_id, clause_id, document, 0, len(text), text, digest))
        inputs = BuildInputs(
            chunks=tuple(chunks),
            corpus_json=b"{}",
            rules_json=b"{}",
            corpus_version="v1",
            dictionary=None,
            stopwords=data_dir("corpus") / "stopwords.txt",
        )
        build_index(inputs, index_dir, embedder, settings)
        index = open_generation(index_dir, embedder.name, settings)
        by_id = {clause.clause_id: clause for clause in clauses}
        return Retriever(by_id, index, embedder, Thesaurus({}), settings)

    return open_one
