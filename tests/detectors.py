"""Tiny whole detectors with random weights, as transformers saves them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import MODEL_FOR_OBJECT_DETECTION_MAPPING, AutoConfig, logging

SIDE = 64
NAMES = ("blue", "cat", "N/A", "N/A", "red")
RESNET = {
    "model_type": "resnet",
    "embedding_size": 16,
    "hidden_sizes": [16, 16, 16, 32],
    "depths": [1, 1, 1, 1],
    "layer_type": "basic",
}
PYRAMID = {
    "backbone_config": {**RESNET, "out_features": ["stage2", "stage3", "stage4"]},
    "encoder_hidden_dim": 16,
    "encoder_in_channels": [16, 16, 32],
    "encoder_ffn_dim": 16,
    "encoder_attention_heads": 2,
    "d_model": 16,
    "num_queries": 10,
    "num_denoising": 4,
    "decoder_in_channels": [16, 16, 16],
    "decoder_ffn_dim": 16,
    "decoder_layers": 3,
    "decoder_attention_heads": 2,
    "decoder_n_points": 2,
}
DETR = {
    "backbone_config": {**RESNET, "out_features": ["stage4"]},
    "use_timm_backbone": False,
    "d_model": 16,
    "num_queries": 6,
    **{
        f"{side}_{name}": value
        for side in ("encoder", "decoder")
        for name, value in (("layers", 2), ("ffn_dim", 16), ("attention_heads", 2))
    },
}
FINE = {"max_num_bins": 8, "decoder_n_points": [2, 2, 2], "depth_mult": 0.34, "lqe_hidden_dim": 8}
KINDS: dict[str, dict[str, Any]] = {
    "detr": DETR,
    "rt_detr": PYRAMID,
    "rt_detr_v2": PYRAMID,
    "d_fine": {**PYRAMID, **FINE},
}
PROCESSOR = {"size": {"height": SIDE, "width": SIDE}, "do_normalize": False, "do_rescale": True}


def settings(kind: str, names: tuple[str, ...] = NAMES) -> Any:
    """The library's record."""
    config = AutoConfig.for_model(kind, **KINDS[kind])
    config.id2label = dict(enumerate(names))
    config.label2id = {name: number for number, name in config.id2label.items()}
    return config


def model(kind: str, names: tuple[str, ...] = NAMES) -> Any:
    """The library's own detector; its weights are those of no start, so that each of them shows."""
    config = settings(kind, names)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = MODEL_FOR_OBJECT_DETECTION_MAPPING[type(config)](config)
        _shake(made)
    return made.eval()


@torch.no_grad()
def _shake(made: nn.Module) -> None:
    for name, tensor in {**dict(made.named_parameters()), **dict(made.named_buffers())}.items():
        if name.endswith(("reg_scale", ".up", "num_points_scale", "n_points_scale")):
            continue
        if tensor.is_floating_point():
            spread = torch.rand_like(tensor)
            tensor.copy_(spread + 0.5 if "running_var" in name else tensor + (spread - 0.5))


def write(folder: Path, kind: str, processor: dict[str, Any] | None = None, **how: Any) -> tuple[Path, Any]:
    """Its folder, and the detector."""
    made = model(kind, **how)
    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    made.save_pretrained(folder)
    if bars:
        logging.enable_progress_bar()
    (folder / "preprocessor_config.json").write_text(json.dumps(processor or PROCESSOR))
    return folder, made
