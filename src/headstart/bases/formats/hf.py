"""What the families of transformers' models share: settings, classes, and names of weights.

Only code of the installed library runs; what a repository brings along never does.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from huggingface_hub.errors import StrictDataclassError
from torch import Tensor, nn
from transformers import MODEL_MAPPING, AutoConfig
from transformers.utils import logging

from ...errors import BaseError
from .files import CHRONOS
from .weights import align

PICTURES, TOKENS = "pixel_values", "input_ids"
"""What the library calls a model's main input."""
NOT_THE_NETWORK = {
    "auto_map",
    "dtype",
    "torch_dtype",
    "id2label",
    "label2id",
    "architectures",
    "_name_or_path",
    "source_data",
    "license",
}
"""Settings that say nothing about the backbone, or that would run code or change the number format."""


def network_of(config: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The kind of model, and the settings that its network depends on."""
    return str(config["model_type"]), {
        key: value for key, value in config.items() if key not in NOT_THE_NETWORK | {"model_type"}
    }


def takes(config: Mapping[str, object], folder: Path) -> str:
    """What a model of these settings takes: PICTURES, TOKENS or something else.

    Raises:
        BaseError: the installed library does not know such a model.
    """
    if CHRONOS in config:
        return CHRONOS
    kind, args = network_of(config)
    try:
        return str(class_for(AutoConfig.for_model(kind, **args)).main_input_name)
    except (KeyError, ValueError, TypeError, StrictDataclassError) as error:
        raise BaseError(
            f"{folder}: transformers has no model `{kind}` that can be built from its settings",
            "update transformers, or use another base; code from a repository is never run",
        ) from error


def class_for(config: Any, mapping: Any = MODEL_MAPPING) -> Any:
    """The class that `AutoModel` takes for these settings; KeyError where there is none."""
    found: Any = mapping[type(config)]
    return found[0] if isinstance(found, tuple) else found


def unpooled(config: Any) -> dict[str, bool]:
    """Without a pooler that has weights of its own: not every checkpoint has them, they would stay random."""
    parameters = inspect.signature(class_for(config)).parameters
    return {"add_pooling_layer": False} if "add_pooling_layer" in parameters else {}


def converted(
    state: dict[str, Tensor],
    config: Any,
    names: Callable[[nn.Module], dict[str, Tensor]],
    mapping: Any = MODEL_MAPPING,
) -> dict[str, Tensor]:
    """The checkpoint under the names of today's library: those in files are often of an older one.

    `names` gives the tensors of the library's model under the names of the network that is to be loaded.
    """
    try:
        with quiet():
            model, random, unknown = _loaded(state, config, mapping)
            if 2 * len(random) > len(dict(model.named_parameters())):
                # what a training script puts before every name hides them from the library
                bare = align(model, state)
                other = _loaded(bare, config, mapping)
                if len(other[1]) < len(random):
                    (model, random, unknown), state = other, bare
    except Exception:  # it may stumble over a foreign file; the receipt then says what does not fit
        return state
    own = {id(value) for name, value in model.state_dict(keep_vars=True).items() if name in random}
    found = {name: value.detach() for name, value in names(model).items() if id(value) not in own}
    return {**{name: value for name, value in state.items() if name in unknown}, **found}


def _loaded(state: dict[str, Tensor], config: Any, mapping: Any) -> tuple[Any, set[str], set[str]]:
    """The library's model, its weights that are not in the checkpoint, and what it does not know of that."""
    model, report = class_for(config, mapping).from_pretrained(
        None,
        config=config,
        state_dict=dict(state),
        ignore_mismatched_sizes=True,
        output_loading_info=True,
        **(unpooled(config) if mapping is MODEL_MAPPING else {}),
    )
    mismatched = {entry if isinstance(entry, str) else entry[0] for entry in report["mismatched_keys"]}
    return model, {*report["missing_keys"], *mismatched}, {*report["unexpected_keys"]}


@contextmanager
def quiet() -> Iterator[None]:
    """No report and no progress bar of the library's: the receipt says the same."""
    voice: Any = logging
    level, bars = voice.get_verbosity(), voice.is_progress_bar_enabled()
    voice.set_verbosity_error()
    voice.disable_progress_bar()
    try:
        yield
    finally:
        voice.set_verbosity(level)
        if bars:
            voice.enable_progress_bar()
