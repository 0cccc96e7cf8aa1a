"""wav2vec 2.0, HuBERT and WavLM as bases for recordings: a folder in transformers' format.

The output layer of a recogniser is not taken, nor what was there for pre-training alone. What a base gives is
its last layer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from ..errors import BaseError
from ..preprocessing.sound import HOP, RATE, SAMPLES, UNIT_SAMPLES, SoundPreprocess
from ..types import Architecture
from .base import Classes, Located, Saved
from .formats import hf, hub
from .formats.files import CONFIG, read_config, read_folder, renamed
from .networks import wave
from .networks.wave import WaveNetwork

PROCESSOR, PART = "processor_config.json", "feature_extractor"
"""Where newer versions of the library say how samples are taken, and under what."""
KINDS = ("wav2vec2", "hubert", "wavlm")
_FIXED = {
    "apply_spec_augment": False,
    "mask_time_prob": 0.0,
    "mask_feature_prob": 0.0,
    "layerdrop": 0.0,
    "add_adapter": False,
}
"""What a training of the library's own would do, and what would come after the last layer."""
_APART = re.compile(r"^(?:masked_spec_embed$|adapter\.)")
"""Weights of these."""
_OURS = (
    (r"^stem\.", ""),
    (r"^places\.", "encoder."),
    (r"^layers\.(\d+)\.inner\.", r"encoder.layers.\1."),
    (r"^layer_norm\.", "encoder.layer_norm."),
)
"""Names of weights here and in transformers, in turn."""


class Wave:
    """The family."""

    def names(self) -> list[str]:
        """None: the hub is not listed."""
        return []

    def locate(self, name: str) -> Located | None:
        """The network in a folder.

        Raises:
            BaseError: its settings are not those of such a network, or it takes other samples or steps.
        """
        config = read_config(name)
        if config is None or config.get("model_type") not in KINDS:
            return None
        _require_steps(Path(name), config)
        kind, args = hf.network_of(config)
        return Located(
            architecture=Architecture("wave", kind, args),
            preprocess=_preprocess(name),
            weights=partial(_weights, Path(name), kind),
            source_data=config.get("source_data"),
            licence=config.get("license"),
            convert=_converted,
            folder=Path(name),
        )

    def build(self, architecture: Architecture, size: int | None = None) -> nn.Module:
        """The network with random weights: (n, HOP, T) samples -> (n, d), for every `size`."""
        auto: Any = AutoModel
        config = _settings(architecture.name, architecture.args)
        model = auto.from_config(config, trust_remote_code=False, attn_implementation="eager")
        return WaveNetwork(model)

    def save(
        self,
        architecture: Architecture,
        preprocess: SoundPreprocess,
        state: dict[str, Tensor],
        classes: Classes | None,
    ) -> Saved:
        """The library's own format: `AutoModel.from_pretrained(FOLDER)` loads it; classes are not kept."""
        config = {"model_type": architecture.name, **architecture.args, **_FIXED}
        processor = {
            "feature_extractor_type": "Wav2Vec2FeatureExtractor",
            "feature_size": 1,
            "sampling_rate": RATE,
            "do_normalize": preprocess.front == UNIT_SAMPLES,
        }
        return Saved({CONFIG: config, hub.PREPROCESSOR: processor}, renamed(state, _OURS))


def _settings(kind: str, args: Mapping[str, Any]) -> Any:
    return AutoConfig.for_model(kind, **{**args, **_FIXED})


def _require_steps(folder: Path, config: Mapping[str, Any]) -> None:
    """One row for each 20 ms, as all that are known have it.

    Raises:
        BaseError: it is another step, or the library cannot use its settings.
    """
    hf.takes(config, folder)
    settings = _settings(*hf.network_of(config))
    kernels, strides = list(settings.conv_kernel), list(settings.conv_stride)
    step, seen = math.prod(strides), wave.receptive(kernels, strides)
    if step != wave.SAMPLES or seen < step or settings.num_hidden_layers < 1:
        raise BaseError(
            f"{folder}: a step of its convolutions is {step} samples, of which they see {seen}, and it has "
            f"{settings.num_hidden_layers} layers; a step here is {wave.SAMPLES}",
            "get the folder anew, or use another base",
        )


def _preprocess(name: str) -> SoundPreprocess:
    """Samples as they are, or around 0 and of one loudness where the folder says so.

    Raises:
        BaseError: it wants samples at another rate.
    """
    processor = read_config(name, hub.PREPROCESSOR) or (read_config(name, PROCESSOR) or {}).get(PART) or {}
    if (rate := processor.get("sampling_rate", RATE)) != RATE:
        raise BaseError(f"{name}: it takes {rate} samples a second, not {RATE}", "use a base for 16 kHz")
    # the library's own default, and that of a folder that does not say, is to do it
    front = UNIT_SAMPLES if processor.get("do_normalize", True) else SAMPLES
    return SoundPreprocess(bands=HOP, front=front)


def _weights(folder: Path, kind: str) -> dict[str, Tensor]:
    """Those of the network alone, without an output layer or what pre-training had beside it."""
    state = read_folder(folder)
    start = f"{kind}."
    inner = {name.removeprefix(start): value for name, value in state.items() if name.startswith(start)}
    return {name: value for name, value in (inner or state).items() if not _APART.match(name)}


def _converted(state: dict[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """The checkpoint under the names of today's library, and then ours."""
    assert isinstance(network, WaveNetwork)
    return hf.converted(state, network.settings, lambda model: WaveNetwork(model).state_dict(keep_vars=True))


plugin = Wave()
