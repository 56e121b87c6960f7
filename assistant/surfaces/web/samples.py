"""`corpus/samples.yaml`: the questions that the home page offers, by who asks."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from assistant.errors import CorpusError


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sample(_Model):
    """A question; `region` is a name, empty for all."""

    question: str
    region: str = ""


class SampleGroup(_Model):
    """The questions of one kind of people."""

    who: str
    questions: tuple[Sample, ...]


def load_samples(corpus_dir: Path) -> tuple[SampleGroup, ...]:
    """The groups in the order of the file; none where there is no file.

    Raises:
        CorpusError: the file is not of this form.
    """
    path = corpus_dir / "samples.yaml"
    if not path.is_file():
        return ()
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        return TypeAdapter(tuple[SampleGroup, ...]).validate_python(data)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as exc:
        raise CorpusError(
            f"示例问题读不出来：{path}", hint="每组写 who 和 questions，每个问题写 question，可以加 region"
        ) from exc
