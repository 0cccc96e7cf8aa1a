"""Language models of Hugging Face's transformers: a folder in its format, or `hf/ORG/NAME` from the hub.

Encoders (BERT, RoBERTa, DistilBERT, …), decoders (GPT-2, Llama, …) and the encoders of encoder-decoders (T5,
BART, …) as networks from token numbers to one row of features.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from transformers import MODEL_FOR_MASKED_LM_MAPPING, AutoConfig, AutoModel

from ..types import Architecture, Preprocess, TextPreprocess
from . import _hf, _tokenizer
from ._files import CONFIG, read_config, read_folder
from ._sequence import SequenceNetwork
from .base import Classes, Located, Saved

LONGEST = 512
"""Tokens taken at once at most, also where a base could take more: attention costs their square."""
POOLING = "1_Pooling"
"""The folder in which sentence-transformers keeps how it makes one row of a text."""
DECLARED = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "first",
    "pooling_mode_lasttoken": "last",
}


class Language:
    """The family."""

    def names(self) -> list[str]:
        """None: the hub is not listed."""
        return []

    def locate(self, name: str) -> Located | None:
        """The language model in a folder.

        Raises:
            BaseError: its tokenizer is missing, or the installed library does not know it.
        """
        config = read_config(name)
        if config is None or "model_type" not in config:
            return None
        if _hf.takes(config, Path(name)) != _hf.TOKENS:
            return None
        return _from_folder(Path(name), config)

    def build(self, architecture: Architecture, size: int | None = None) -> nn.Module:
        """The backbone with random weights: (n, L) token numbers -> (n, d), for every `size`."""
        return LanguageNetwork(architecture.name, **architecture.args)

    def save(
        self,
        architecture: Architecture,
        preprocess: Preprocess,
        state: dict[str, Tensor],
        classes: Classes | None,
    ) -> Saved:
        """The library's own format: `AutoModel.from_pretrained(FOLDER)` loads it; classes are not kept."""
        assert isinstance(preprocess, TextPreprocess)
        config = {"model_type": architecture.name, **architecture.args["config"]}
        pooling = {name: mode == architecture.args["pooling"] for name, mode in DECLARED.items()}
        plain = {name.removeprefix("model."): tensor for name, tensor in state.items()}
        settings = {CONFIG: config, f"{POOLING}/{CONFIG}": pooling, **_tokenizer.written(preprocess)}
        return Saved(settings, plain)


class LanguageNetwork(SequenceNetwork):
    """A model of transformers as (n, L) -> (n, d)."""

    def __init__(self, kind: str, config: dict[str, Any], pooling: str, window: int) -> None:
        super().__init__()
        self.window, self.pooling = window, pooling
        settings = AutoConfig.for_model(kind, **{**config, "use_cache": False})
        auto: Any = AutoModel
        whole = auto.from_config(
            settings, trust_remote_code=False, attn_implementation="eager", **_hf.unpooled(settings)
        )
        self.model = _reading(whole)

    @property
    def entry(self) -> nn.Module:
        """The embedding of tokens."""
        embedding: nn.Module = self.model.get_input_embeddings()  # type: ignore[operator]
        return embedding

    def states(self, numbers: Tensor, mask: Tensor) -> Tensor:
        """(n, L, d) of the last layer."""
        last: Tensor = self.model(input_ids=numbers, attention_mask=mask.long()).last_hidden_state
        return last


def _reading(model: nn.Module) -> nn.Module:
    """The part that reads: of an encoder-decoder the encoder."""
    config: Any = model.config
    if not config.is_encoder_decoder:
        return model
    encoder: nn.Module = model.get_encoder()  # type: ignore[operator]
    return encoder


def _converted(state: dict[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """The checkpoint under the names of today's library."""
    assert isinstance(network, LanguageNetwork)
    return _hf.converted(state, network.model.config, _names)


def _names(model: nn.Module) -> dict[str, Tensor]:
    return {f"model.{name}": value for name, value in _reading(model).state_dict(keep_vars=True).items()}


def _from_folder(folder: Path, config: dict[str, Any]) -> Located:
    kind, args = _hf.network_of(config)
    preprocess = _tokenizer.read(folder, _longest(folder, kind, args))
    return Located(
        architecture=Architecture(
            "language",
            kind,
            {"config": args, "pooling": _pooling(folder, kind, args), "window": preprocess.window},
        ),
        preprocess=preprocess,
        weights=partial(read_folder, folder),
        source_data=config.get("source_data"),
        licence=config.get("license"),
        convert=_converted,
        folder=folder,
    )


def _pooling(folder: Path, kind: str, args: dict[str, Any]) -> str:
    """As its folder declares it; else the mean, or the last token where none sees what comes after it."""
    declared = read_config(folder / POOLING) or {}
    for name, mode in DECLARED.items():
        if declared.get(name):
            return mode
    settings = AutoConfig.for_model(kind, **args)
    sees_all = settings.is_encoder_decoder or type(settings) in MODEL_FOR_MASKED_LM_MAPPING
    return "mean" if sees_all else "last"


def _longest(folder: Path, kind: str, args: dict[str, Any]) -> int:
    """Tokens that the model takes at once, as far as it is known."""
    settings: Any = AutoConfig.for_model(kind, **args)
    positions = getattr(settings, "max_position_embeddings", None) or LONGEST
    # a padding number above 0 is where RoBERTa begins to count positions
    offset = (settings.pad_token_id or 0) + 1 if positions % 2 == 0 and positions % 512 == 2 else 0
    declared = (read_config(folder, "sentence_bert_config.json") or {}).get("max_seq_length")
    return int(min(LONGEST, positions - offset, declared or LONGEST))


plugin = Language()
