"""Encoder-decoders of Hugging Face's transformers as translators: T5, BART, Marian and their like.

Their output layer is a part of the base, since it says words of the base's own vocabulary. A folder in the
library's format, `hf/ORG/NAME` from the hub, or `translator/small` to train from scratch.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import (
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING,
    AutoConfig,
    AutoModelForSeq2SeqLM,
    GenerationConfig,
)

from ..errors import BaseError
from ..preprocessing.base import Preprocess
from ..preprocessing.translation import PairPreprocess
from ..types import Architecture
from .base import Classes, Located, Saved
from .formats import hf, tokenizer, vocabulary
from .formats.files import CONFIG, GENERATION, read_config, read_folder
from .networks.parted import PartedNetwork

PREFIX = "translator/"
LONGEST = 128
"""Tokens of a sentence at most."""
SMOOTHING = 0.1
"""Of the right word's probability, spread over the others in training (Szegedy et al., CVPR 2016, sec. 7)."""
VOCABULARY = 4000
"""Of a translator that starts from scratch."""
WIDTH = 128
"""Of a translator that starts from scratch."""
BEAMS = 4
LONGER = 2
"""A translation has at most so many times as many tokens as its source, and a few."""
SMALL: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "d_model": WIDTH,
    "encoder_layers": 3,
    "decoder_layers": 3,
    "encoder_ffn_dim": 4 * WIDTH,
    "decoder_ffn_dim": 4 * WIDTH,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "activation_function": "relu",
    "dropout": 0.1,
    "attention_dropout": 0.0,
    "activation_dropout": 0.0,
    "init_std": WIDTH**-0.5,
    "scale_embedding": True,
    "tie_word_embeddings": True,
    "max_position_embeddings": 160,
    "pad_token_id": 0,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "forced_eos_token_id": None,
    "decoder_start_token_id": 0,
}
"""Settings of an mBART that learns in minutes (Liu et al., TACL 2020): norms come before blocks, and word
vectors start at the scale that tied ones need."""


class Translators:
    """The family."""

    def names(self) -> list[str]:
        """What can be trained from scratch; the hub is not listed."""
        return [f"{PREFIX}small"]

    def locate(self, name: str) -> Located | None:
        """The encoder-decoder in a folder, or one to train from scratch.

        Raises:
            BaseError: its tokenizer is missing, or the installed library does not know it.
        """
        if name in self.names():
            preprocess = PairPreprocess("", LONGEST, LONGEST)
            shape = Architecture("translator", "mbart", {"config": SMALL})
            learned = partial(vocabulary.learned_pieces, most=VOCABULARY)
            return Located(shape, preprocess, partial(_nothing, name), None, None, vocabulary=learned)
        config = read_config(name)
        if config is None or "model_type" not in config:
            return None
        if hf.takes(config, Path(name)) != hf.TOKENS or not _translates(config):
            return None
        return _from_folder(Path(name), config)

    def build(self, architecture: Architecture, size: int | None = None) -> nn.Module:
        """The translator with random weights, for every `size`."""
        return Translator(architecture.name, architecture.args["config"])

    def save(
        self,
        architecture: Architecture,
        preprocess: Preprocess,
        state: dict[str, Tensor],
        classes: Classes | None,
    ) -> Saved:
        """The library's own format: `AutoModelForSeq2SeqLM.from_pretrained(FOLDER)` loads it."""
        assert isinstance(preprocess, PairPreprocess)
        config = {"model_type": architecture.name, **architecture.args["config"]}
        plain = {name.removeprefix("model."): tensor for name, tensor in state.items()}
        generation = _generation(architecture.name, architecture.args["config"])
        return Saved({CONFIG: config, GENERATION: generation, **tokenizer.written(preprocess)}, plain)


class Translator(PartedNetwork):
    """(n, 2, L) token numbers of sources and targets, -1 after their ends -> (n, 2) loss and words of each.

    The loss is the sum over a target's words, in nats.
    """

    def __init__(self, kind: str, config: dict[str, object]) -> None:
        super().__init__()
        auto: Any = AutoModelForSeq2SeqLM
        self.model = auto.from_config(
            AutoConfig.for_model(kind, **config), trust_remote_code=False, attn_implementation="eager"
        )
        if False in (config.get("tie_word_embeddings"), config.get("scale_decoder_outputs")):
            _untie(self.model)
        _keep_tables(self.model)

    @property
    def start(self) -> int:
        """The token that every translation begins after."""
        return _start(self.model.config)

    @property
    def parts(self) -> Mapping[str, Sequence[str]]:
        """The word vectors, which may be the output layer too; then the encoder."""
        inside = {id(parameter) for parameter in self.model.get_encoder().parameters()}
        vectors = {id(parameter) for parameter in self.model.get_input_embeddings().parameters()}
        names = {name: id(parameter) for name, parameter in self.named_parameters()}
        return {
            "embeddings": [name for name, which in names.items() if which in vectors],
            "encoder": [name for name, which in names.items() if which in inside - vectors],
        }

    def forward(self, tokens: Tensor) -> Tensor:
        """Teacher forcing: each word of the target is predicted from those before it."""
        source, target = tokens.long().unbind(1)
        there = target >= 0
        source, target = source[:, : _longest(source)], target[:, : _longest(target)]
        there = there[:, : target.shape[1]]
        before = torch.cat([torch.full_like(target[:, :1], self.start), target[:, :-1].clamp(min=0)], 1)
        found = self.model(
            input_ids=source.clamp(min=0),
            attention_mask=(source >= 0).long(),
            decoder_input_ids=before,
            use_cache=False,
        )
        losses = F.cross_entropy(
            found.logits.float().transpose(1, 2),
            target.masked_fill(~there, -100),
            reduction="none",
            label_smoothing=SMOOTHING if self.training else 0.0,
        )
        return torch.stack([losses.sum(1), there.sum(1).to(losses.dtype)], 1)

    @torch.no_grad()
    def translated(self, tokens: Tensor) -> Tensor:
        """(n, 2, L) to (n, T) token numbers of translations, by beam search."""
        source = tokens[:, 0].long()
        source = source[:, : _longest(source)]
        config = self.model.config
        settings: Any = GenerationConfig
        asked = settings(
            num_beams=BEAMS,
            max_new_tokens=min(LONGER * source.shape[1] + 10, _positions(config) - 1),
            do_sample=False,
            pad_token_id=config.pad_token_id,
            eos_token_id=config.eos_token_id,
            decoder_start_token_id=self.start,
        )
        found: Tensor = self.model.generate(
            input_ids=source.clamp(min=0), attention_mask=(source >= 0).long(), generation_config=asked
        )
        return found


def _untie(model: Any) -> None:
    """An output layer of its own, as T5 1.1 has: the library ties it until it sees a checkpoint."""
    layer = model.get_output_embeddings()
    layer.weight = nn.Parameter(layer.weight.detach().clone())


def _keep_tables(model: nn.Module) -> None:
    """Tables of sines are no weights: nothing may train them."""
    for module in model.modules():
        for name, value in list(module.named_parameters(recurse=False)):
            if not value.requires_grad:
                delattr(module, name)
                module.register_buffer(name, value.detach())


def _start(config: Any) -> int:
    known = [getattr(config, f"{name}_token_id", None) for name in ("decoder_start", "bos", "pad")]
    return int(next(number for number in known if number is not None))


def _generation(kind: str, args: dict[str, Any]) -> dict[str, Any]:
    """How the library translates where nothing else is asked: as we do."""
    config: Any = AutoConfig.for_model(kind, **args)
    numbers = {name: getattr(config, name, None) for name in ("pad_token_id", "bos_token_id", "eos_token_id")}
    start = {"decoder_start_token_id": _start(config)}
    return {**numbers, **start, "num_beams": BEAMS, "do_sample": False, "max_new_tokens": LONGEST}


def _positions(config: Any) -> int:
    """Tokens that the model has places for; those of T5 have no end."""
    return int(getattr(config, "max_position_embeddings", None) or sys.maxsize)


def _longest(tokens: Tensor) -> int:
    return max(1, int((tokens >= 0).sum(1).max()))


def _nothing(name: str) -> dict[str, Tensor]:
    raise BaseError(
        f"`{name}` is a network without weights", f"train it: headstart pretrain --architecture {name}"
    )


def _translates(config: dict[str, Any]) -> bool:
    kind, args = hf.network_of(config)
    return type(AutoConfig.for_model(kind, **args)) in MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING


def _converted(state: dict[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """The checkpoint under the names of today's library."""
    assert isinstance(network, Translator)
    return hf.converted(state, network.model.config, _names, MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING)


def _names(model: nn.Module) -> dict[str, Tensor]:
    return {f"model.{name}": value for name, value in model.state_dict(keep_vars=True).items()}


def _from_folder(folder: Path, config: dict[str, Any]) -> Located:
    kind, args = hf.network_of(config)
    text = tokenizer.read(folder, min(LONGEST, _positions(AutoConfig.for_model(kind, **args))))
    return Located(
        architecture=Architecture("translator", kind, {"config": args}),
        preprocess=PairPreprocess(text.tokenizer, text.window, text.size),
        weights=partial(read_folder, folder),
        source_data=config.get("source_data"),
        licence=config.get("license"),
        convert=_converted,
        folder=folder,
    )


plugin = Translators()
