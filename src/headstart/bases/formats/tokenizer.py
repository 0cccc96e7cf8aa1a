"""How a language model's folder says that a text becomes token numbers.

A `tokenizer.json` is taken as it is; older files (`vocab.txt` and the like) are made into one by
transformers. Only fixed file names are read, and no code of a repository runs.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import AutoTokenizer

from ...errors import BaseError
from ...preprocessing.text import TextPreprocess
from . import hf
from .files import read_config, require_content

TOKENIZER, SETTINGS = "tokenizer.json", "tokenizer_config.json"
OTHER = (
    f"take a base that has a {TOKENIZER}: for texts `hf/google-bert/bert-base-uncased`, for translation "
    "`hf/google-t5/t5-small`"
)
OLDER = ("vocab.txt", "*vocab.json", "merges.txt", "*.model", "*.spm")
"""Vocabularies that a tokenizer can be made of."""


def read(folder: Path, longest: int) -> TextPreprocess:
    """The tokenizer of a folder, for a base that takes so many tokens at once.

    Raises:
        BaseError: there is none, or it cannot be read.
    """
    said = (read_config(folder, SETTINGS) or {}).get("model_max_length") or longest
    window = int(min(longest, said))
    return TextPreprocess(_content(folder), window, window)


def beginning(preprocess: TextPreprocess, prompt: str, lower: bool) -> TextPreprocess:
    """The same for texts that something is put before, and that are lower-cased with it.

    Raises:
        BaseError: the prompt holds a token of the tokenizer's own, which would be read as text.
    """
    if not prompt and not lower:
        return preprocess
    content: dict[str, Any] = json.loads(preprocess.tokenizer)
    special = [str(token["content"]) for token in content.get("added_tokens") or ()]
    if held := [one for one in special if one in prompt]:
        raise BaseError(
            f"the prompt `{prompt}` holds the special token {held[0]}, which cannot be put before texts",
            "give a copy of the folder without `default_prompt_name` in config_sentence_transformers.json",
        )
    first: list[dict[str, Any]] = [{"type": "Prepend", "prepend": prompt}] if prompt else []
    first += [{"type": "Lowercase"}] if lower else []
    own = content.get("normalizer")
    content["normalizer"] = {"type": "Sequence", "normalizers": [*first, *([own] if own else [])]}
    return replace(preprocess, tokenizer=json.dumps(content))


def written(preprocess: TextPreprocess) -> dict[str, dict[str, object]]:
    """The files that `read` reads."""
    content: dict[str, Any] = json.loads(preprocess.tokenizer)
    fast = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": preprocess.window}
    return {TOKENIZER: content, SETTINGS: fast}


def _content(folder: Path) -> str:
    file = folder / TOKENIZER
    older = [path for name in OLDER for path in folder.glob(name)]
    for one in [file] if file.is_file() else older:
        require_content(one)
    try:
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            Tokenizer.from_str(text)  # refuses what is none
            return text
        _refuse_two(folder)
        if older:
            with hf.quiet():
                slow: Any = AutoTokenizer.from_pretrained(
                    folder, local_files_only=True, trust_remote_code=False
                )
            return str(_fast(folder, slow).to_str())
    except BaseError:
        raise
    except Exception as error:  # the library raises its own bare exceptions
        raise BaseError(f"{folder}: its tokenizer cannot be read: {error}", "get its files anew") from error
    raise BaseError(
        f"{folder} has no {TOKENIZER}: how its texts become numbers is not known",
        "copy that file (or vocab.txt, spiece.model) from where the model came from",
    )


def _refuse_two(folder: Path) -> None:
    """Marian's own files: each language has its pieces, and the texts a clean-up of their own."""
    if (folder / "source.spm").is_file():
        raise BaseError(
            f"{folder} has no {TOKENIZER} but source.spm and target.spm, a tokenizer for each language: one "
            "for both is expected",
            OTHER,
        )


def _fast(folder: Path, made: Any) -> Any:
    """The tokenizer in the one format that is kept, where the library has made it of older files."""
    inner = getattr(made, "backend_tokenizer", None)
    if inner is None:
        raise BaseError(
            f"{folder} has no {TOKENIZER}, and its {type(made).__name__} cannot be made into one",
            OTHER,
        )
    return inner
