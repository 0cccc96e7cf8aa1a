"""How a language model's folder says that a text becomes token numbers.

A `tokenizer.json` is taken as it is; older files (`vocab.txt` and the like) are made into one by
transformers. Only fixed file names are read, and no code of a repository runs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import AutoTokenizer

from ..errors import BaseError
from ..types import TextPreprocess
from . import _hf
from ._files import read_config

TOKENIZER, SETTINGS = "tokenizer.json", "tokenizer_config.json"
OLDER = ("vocab.txt", "vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model")
"""Vocabularies that a tokenizer can be made of."""
FILES = (TOKENIZER, SETTINGS, *OLDER, "special_tokens_map.json", "added_tokens.json")


def read(folder: Path, longest: int) -> TextPreprocess:
    """The tokenizer of a folder, for a base that takes so many tokens at once.

    Raises:
        BaseError: there is none, or it cannot be read.
    """
    said = (read_config(folder, SETTINGS) or {}).get("model_max_length") or longest
    window = int(min(longest, said))
    return TextPreprocess(_content(folder), window, window)


def written(preprocess: TextPreprocess) -> dict[str, dict[str, Any]]:
    """The files that `read` reads."""
    content: dict[str, Any] = json.loads(preprocess.tokenizer)
    fast = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": preprocess.window}
    return {TOKENIZER: content, SETTINGS: fast}


def _content(folder: Path) -> str:
    file = folder / TOKENIZER
    try:
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            Tokenizer.from_str(text)  # refuses what is none
            return text
        if any((folder / name).is_file() for name in OLDER):
            with _hf.quiet():
                slow: Any = AutoTokenizer.from_pretrained(
                    folder, local_files_only=True, trust_remote_code=False
                )
            return str(slow.backend_tokenizer.to_str())
    except Exception as error:  # the library raises its own bare exceptions
        raise BaseError(f"{folder}: its tokenizer cannot be read: {error}", "get its files anew") from error
    raise BaseError(
        f"{folder} has no {TOKENIZER}: how its texts become numbers is not known",
        "copy that file (or vocab.txt, spiece.model) from where the model came from",
    )
