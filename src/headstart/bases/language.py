"""Language models of Hugging Face's transformers: a folder in its format, or `hf/ORG/NAME` from the hub.

Encoders (BERT, RoBERTa, DistilBERT, …), decoders (GPT-2, Llama, …) and the encoders of encoder-decoders (T5,
BART, …) as networks from token numbers to one row of features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from transformers import MODEL_FOR_MASKED_LM_MAPPING, AutoConfig, AutoModel

from ..preprocessing.base import Preprocess
from ..preprocessing.text import TextPreprocess
from ..types import Architecture
from .base import Classes, Located, Saved
from .formats import hf, modules, tokenizer
from .formats.files import CONFIG, read_config, read_folder
from .networks.after import layers as layers_after
from .networks.ragged import SequenceNetwork

LONGEST = 512
"""Tokens taken at once at most, also where a base could take more: attention costs their square."""
AFTER = "after."
"""What the names of weights begin with that come after the pooling."""


class Language:
    """The family."""

    def names(self) -> list[str]:
        """None: the hub is not listed."""
        return []

    def locate(self, name: str) -> Located | None:
        """The language model in a folder.

        Raises:
            BaseError: its tokenizer is missing, the installed library does not know it, or what it does
                with its tokens' states is not known.
        """
        folder = modules.transformer_of(Path(name))
        config = read_config(folder)
        if config is None or "model_type" not in config or hf.takes(config, folder) != hf.TOKENS:
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
        """The library's own format, and that of sentence-transformers; classes are not kept.

        `AutoModel.from_pretrained(FOLDER)` loads the one, `SentenceTransformer(FOLDER)` the other.
        """
        assert isinstance(preprocess, TextPreprocess)
        args = architecture.args
        after = args.get("after", ())
        config = {"model_type": architecture.name, **args["config"]}
        width = int(AutoConfig.for_model(architecture.name, **args["config"]).hidden_size)
        declared = modules.written(args["pooling"], width, after, preprocess.window)
        own = [(f"{AFTER}{number}.", modules.place(spec, number)) for number, spec in enumerate(after)]
        more = {place: under(start, state) for start, place in own if under(start, state)}
        settings = {CONFIG: config, **declared, **tokenizer.written(preprocess)}
        return Saved(settings, under("model.", state), more)


class LanguageNetwork(SequenceNetwork):
    """A model of transformers as (n, L) -> (n, d)."""

    def __init__(
        self,
        kind: str,
        config: dict[str, object],
        pooling: str,
        window: int,
        after: Sequence[Mapping[str, object]] = (),
    ) -> None:
        super().__init__()
        self.window, self.pooling = window, pooling
        settings = AutoConfig.for_model(kind, **{**config, "use_cache": False})
        auto: Any = AutoModel
        whole = auto.from_config(
            settings, trust_remote_code=False, attn_implementation="eager", **hf.unpooled(settings)
        )
        self.model = _reading(whole)
        if after:
            self.after = layers_after(after)

    @property
    def entry(self) -> nn.Module:
        """The embedding of tokens."""
        embedding: nn.Module = self.model.get_input_embeddings()  # type: ignore[operator]
        return embedding

    def states(self, numbers: Tensor, mask: Tensor) -> Tensor:
        """(n, L, d) of the last layer."""
        last: Tensor = self.model(input_ids=numbers, attention_mask=mask.long()).last_hidden_state
        return last

    def finished(self, rows: Tensor) -> Tensor:
        """Through the layers that come after the pooling, where there are some."""
        found: Tensor = self.after(rows) if "after" in self._modules else rows
        return found


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
    own = {name: value for name, value in state.items() if name.startswith(AFTER)}
    rest = {name: value for name, value in state.items() if name not in own}
    return {**hf.converted(rest, network.model.config, _names), **own}


def _names(model: nn.Module) -> dict[str, Tensor]:
    return {f"model.{name}": value for name, value in _reading(model).state_dict(keep_vars=True).items()}


def under(start: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names start so, without that."""
    return {name.removeprefix(start): value for name, value in state.items() if name.startswith(start)}


def _from_folder(root: Path, config: dict[str, Any]) -> Located:
    folder, declared = modules.transformer_of(root), modules.read(root)
    kind, args = hf.network_of(config)
    preprocess = tokenizer.read(folder, _longest(declared.longest, kind, args))
    preprocess = tokenizer.beginning(preprocess, declared.prompt, declared.lower)
    about = {
        "config": args,
        "pooling": declared.pooling or _usual(kind, args),
        "window": preprocess.window,
        **({"after": list(declared.after)} if declared.after else {}),
    }
    return Located(
        architecture=Architecture("language", kind, about),
        preprocess=preprocess,
        weights=partial(_weights, root, folder, declared),
        source_data=config.get("source_data"),
        licence=config.get("license"),
        convert=_converted,
        folder=root,
    )


def _weights(root: Path, folder: Path, declared: modules.Sentence) -> dict[str, Tensor]:
    own = modules.weights(root, declared)
    return {**read_folder(folder), **{f"{AFTER}{name}": value for name, value in own.items()}}


def _usual(kind: str, args: dict[str, Any]) -> str:
    """Where nothing is declared: the mean, or the last token where none sees what comes after it."""
    settings = AutoConfig.for_model(kind, **args)
    sees_all = settings.is_encoder_decoder or type(settings) in MODEL_FOR_MASKED_LM_MAPPING
    return "mean" if sees_all else "last"


def _longest(declared: int | None, kind: str, args: dict[str, Any]) -> int:
    """Tokens that the model takes at once, as far as it is known."""
    settings: Any = AutoConfig.for_model(kind, **args)
    positions = getattr(settings, "max_position_embeddings", None) or LONGEST
    # a padding number above 0 is where RoBERTa begins to count positions
    offset = (settings.pad_token_id or 0) + 1 if positions % 2 == 0 and positions % 512 == 2 else 0
    return int(min(LONGEST, positions - offset, declared or LONGEST))


plugin = Language()
