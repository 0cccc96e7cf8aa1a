"""The upper half of a detector of Hugging Face's transformers, which comes with its base.

Queries ask the encoder's maps for one object each, and a decoder of some layers answers them: what DETR began
(Carion et al., "End-to-End Object Detection with Transformers", ECCV 2020, arXiv:2005.12872) and RT-DETR
(Zhao et al., CVPR 2024, arXiv:2304.08069) and D-FINE (Peng et al., ICLR 2025, arXiv:2410.13842) made quick.
Modules and losses are the library's own. In training every true box gets the one query that answers it best
(Hungarian matching), in each layer of the decoder; so no box is found twice, and nothing is suppressed
afterwards. We differ in three ways: the loss is taken image by image, there are no queries made of noisy true
boxes (a head does not see the truth), and normalisation in front of the decoder keeps its statistics.

Notation: n images, k classes, l layers (of the decoder, and the choice of queries where there is one), q
queries, m boxes of an image, d numbers of all feature maps of an image together.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.ops import box_convert
from transformers.modeling_outputs import BaseModelOutput

from ..bases.formats import detr
from ..bases.networks.maps import apart
from ..errors import ContractError, SettingsError
from ..types import Maps
from ._boxes_out import detections

BOX = slice(0, 4)
"""Columns of a box: x, y of its centre, width and height, fractions; then the logits, then D-FINE's edges."""
RATE = 3e-4
"""Learning rate while it is trained alone: it is trained already, and attention takes no large steps."""
NO_SUPPRESSION = 1.0
"""IoU above which a box is the same object."""
WITHOUT = "the head `detr` comes with a base, and is nothing without"
HINT = "name a base that brings it (RT-DETR, RT-DETRv2, D-FINE, DETR), and leave out --head"


class Detr(nn.Module):
    """(n, d) flattened maps, finest first, to (n, l, q, 4 + ...), the last layer last.

    Attributes:
        labels: the k classes.
        rate: learning rate while it is trained alone.
    """

    def __init__(self, maps: Maps, labels: Sequence[str], settings: Mapping[str, object]) -> None:
        """A fresh head; its weights are drawn by PyTorch's own generator, which the caller seeds.

        Raises:
            ContractError: no class, or maps that the detector does not take.
        """
        super().__init__()
        if not labels:
            raise ContractError("a detector needs classes", "give at least one label")
        self.shapes, self.labels, self.rate = tuple(maps.shapes), tuple(labels), RATE
        self.detector = detr.upper_half(settings, len(labels))
        self.selects = hasattr(self.detector.model, "enc_score_head")
        self._check()
        if self.selects:  # small pictures have fewer places than there are queries
            places = sum(height * width for _, height, width in self.shapes)
            self.detector.config.num_queries = min(self.detector.config.num_queries, places)
        other = detr.upper_half(settings, len(labels) + 1, drawn=False).state_dict()
        own = self.detector.state_dict()
        # classes come first in the library's layers; DETR has a row for no object after them
        self.class_rows = {
            f"detector.{name}": (0, 1) for name, value in own.items() if value.shape != other[name].shape
        }

    def train(self, mode: bool = True) -> Detr:
        """BatchNorm keeps its statistics: an image's loss is its own."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.eval()
        return self

    def forward(self, flat: Tensor) -> Tensor:
        """(n, d) -> (n, l, q, 4 + k), with more columns where the loss needs them."""
        maps = apart(flat, self.shapes)
        return (self._selected(maps) if self.selects else self._learned(maps[0])).float()

    def _selected(self, maps: list[Tensor]) -> Tensor:
        """Queries are the places of the maps that look most like an object: the first of the l layers."""
        given: Any = maps
        encoded = BaseModelOutput(last_hidden_state=given)
        found = self.detector.model(None, inputs_embeds=maps[0], encoder_outputs=encoded)
        first = torch.cat([found.enc_topk_bboxes, found.enc_topk_logits], 2)[:, None]
        layers = torch.cat([found.intermediate_reference_points, found.intermediate_logits], 3)
        if found.intermediate_predicted_corners is None:
            return torch.cat([first, layers], 1)
        if not self.training:  # D-FINE answers with one layer only
            return torch.cat([first, layers[:, -1:]], 1)
        # of D-FINE's layers all but the choice of queries and a first guess have odds of where an edge is
        edges = torch.cat([found.initial_reference_points, found.intermediate_predicted_corners], 3)
        return torch.cat([torch.cat([first, layers], 1), functional.pad(edges, (0, 0, 0, 0, 2, 0))], 3)

    def _learned(self, one: Tensor) -> Tensor:
        """Queries are parameters: DETR."""
        model = self.detector.model
        own = model.query_position_embeddings.weight.expand(one.shape[0], -1, -1)
        found = model.decoder(
            inputs_embeds=torch.zeros_like(own),
            spatial_position_embeddings=detr.positions(model.position_embedding, one),
            object_queries_position_embeddings=own,
            encoder_hidden_states=one.flatten(2).transpose(1, 2),
            output_hidden_states=True,
        )
        before = [model.decoder.layernorm(hidden) for hidden in found.hidden_states[1:-1]]
        layers = torch.stack([*before, found.last_hidden_state], 1)
        boxes = self.detector.bbox_predictor(layers).sigmoid()
        return torch.cat([boxes, self.detector.class_labels_classifier(layers)], 3)

    def _check(self) -> None:
        """Raises ContractError: these are not the maps that the decoder reads."""
        config = self.detector.config
        wanted = list(config.decoder_in_channels) if self.selects else [config.d_model]
        if [shape[0] for shape in self.shapes] != wanted:
            raise ContractError(
                f"this detector's head reads maps of {wanted} channels, not {list(self.shapes)}",
                "use it with the base that it came with",
            )


@dataclass(frozen=True)
class _Criterion:
    """What the library has for detectors of one kind."""

    loss: Callable[..., Any]
    config: Any
    selects: bool

    @property
    def edges(self) -> int:
        """Numbers of a query that say where its edges are, and the four that they are counted from."""
        return 4 + 4 * (self.config.max_num_bins + 1) if hasattr(self.config, "max_num_bins") else 0

    def of_one(self, rows: Tensor, truth: Tensor) -> Tensor:
        """() of one image: rows (l, q, ...), truth (m, 5) with rows that only fill up."""
        if not bool(rows.isfinite().all()):  # the library would stop at boxes that are none
            return rows.sum() * math.nan
        real = truth[truth[:, 0] >= 0]
        boxes = box_convert(real[:, 1:].to(rows.dtype), "xyxy", "cxcywh")
        said = [{"class_labels": real[:, 0].long(), "boxes": boxes}]
        found: Tensor = (self._of_selected if self.selects else self._of_learned)(rows[None], said)[0]
        return found

    def _of_selected(self, rows: Tensor, said: list[dict[str, Tensor]]) -> Any:
        k = self.config.num_labels
        boxes, logits, edges = torch.split(rows, [4, k, rows.shape[3] - 4 - k], 3)
        edges = edges[:, min(2, rows.shape[1] - 1) :]  # of layers alone
        start, corners = edges[..., :4], edges[..., 4:]
        return self.loss(
            logits[:, -1],
            said,
            rows.device,
            boxes[:, -1],
            self.config,
            logits[:, 1:],
            boxes[:, 1:],
            enc_topk_logits=logits[:, 0],
            enc_topk_bboxes=boxes[:, 0],
            predicted_corners=corners,
            initial_reference_points=start,
        )

    def _of_learned(self, rows: Tensor, said: list[dict[str, Tensor]]) -> Any:
        # the library has layers before images here
        boxes, logits = torch.split(rows.transpose(0, 1), [4, rows.shape[3] - 4], 3)
        return self.loss(logits[-1], said, rows.device, boxes[-1], self.config, logits, boxes)


@functools.lru_cache(maxsize=8)
def _criterion(settings: str, k: int) -> _Criterion:
    """Of the settings, as JSON, for k classes; asked for in every step of a training."""
    config = detr.settings_of(json.loads(settings), k)
    config.auxiliary_loss = True  # of each layer
    with torch.device("meta"):
        model = detr.detector(config)
    return _Criterion(model.loss_function, config, detr.selects(model))


class DetrHead:
    """The head of `heads/base.py`, once it was `given` what its base brought."""

    task = "object_detection"
    summary = "the decoder of RT-DETR, D-FINE or DETR; comes with such a base"

    def __init__(self, settings: Mapping[str, object] | None = None) -> None:
        self.settings = json.dumps(settings, sort_keys=True) if settings else ""

    def given(self, args: Mapping[str, object]) -> DetrHead:
        """The same for the detector of a base.

        Raises:
            SettingsError: there are no settings of one.
        """
        if not args:
            raise SettingsError(WITHOUT, HINT)
        return DetrHead(args)

    def build(self, maps: Maps, labels: Sequence[str], args: Mapping[str, object]) -> nn.Module:
        """(n, d) to (n, l, q, 4 + ...)."""
        if not args:
            raise ContractError(WITHOUT, HINT)
        return Detr(maps, labels, args)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) of all layers, as the library weighs classes and boxes."""
        criterion = self._of(outputs.shape)
        return torch.stack(
            [criterion.of_one(rows, truth) for rows, truth in zip(outputs, targets, strict=True)]
        )

    def answers(self, outputs: Tensor, labels: Sequence[str]) -> list[str]:
        """The boxes of the last layer."""
        logits = outputs[:, -1, :, 4:]
        selects = self._of(outputs.shape).selects
        scores = logits.sigmoid() if selects else logits.softmax(-1)  # softmax: the last one is for no object
        boxes = box_convert(outputs[:, -1, :, BOX], "cxcywh", "xyxy")
        return detections(boxes, scores[..., : len(labels)], labels, overlap=NO_SUPPRESSION)

    def _of(self, shape: torch.Size) -> _Criterion:
        """For the k classes that outputs (n, l, q, columns) are of."""
        if not self.settings:
            raise ContractError(WITHOUT, HINT)
        any_k = _criterion(self.settings, 1)
        edges = any_k.edges if shape[1] > 2 else 0  # fewer layers are answers, not a training's
        return _criterion(self.settings, shape[3] - 4 - edges - (not any_k.selects))


plugin = DetrHead()
