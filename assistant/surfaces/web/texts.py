"""The Chinese of the interface: `texts/<area>.yaml` → nested mappings, read once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent / "texts"


@cache
def load_texts() -> Mapping[str, Any]:
    """The texts by area: `load_texts()["reader"]["title"]`."""
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))
    }
