"""A backbone, what is put on top of it, and what it is shown, from the start to the finished base."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
from torch import Tensor, nn

from .. import registry
from ..adaptation.base import History
from ..adaptation.training import checkpoints
from ..adaptation.training.feed import LiveFeed, places
from ..adaptation.training.loop import Feed, Loop, Training, evaluate
from ..bases.base import Classes
from ..bases.formats.fingerprints import shortened
from ..bases.networks.example import example
from ..bases.networks.memory import laid_out
from ..cache import Cache
from ..runs import RunFolder
from ..runtime import Runtime, derive, seeded
from ..sources import Sources
from ..tasks.modalities.base import Inputs
from ..types import Examples
from . import _plan, _watch
from ._asked import Asked
from ._folder import Made
from ._start import Start
from .base import Method


class Trainee:
    """A backbone, its head and what it is shown."""

    def __init__(
        self, asked: Asked, method: Method, sources: Sources, begun: Start, runtime: Runtime, cache: Cache
    ) -> None:
        self.asked, self.method, self.sources, self.begun = asked, method, sources, begun
        self.runtime, self.cache = runtime, cache
        rows = sources.train.tolist()
        self.preprocess = sources.task.preprocess(begun.preprocess, sources.examples, rows)
        self.inputs = self.inputs_of(sources.examples)

    def inputs_of(self, examples: Examples) -> Inputs:
        """Examples as the backbone takes them."""
        return self.sources.task.inputs(examples, self.preprocess, self.cache)

    def parts(self) -> tuple[nn.Module, nn.Module, nn.Module]:
        """The backbone as it starts, the network around it that is trained, and the head."""
        backbone = self.begun.build()
        with seeded(derive(self.asked.seed, "head")):
            network = self.method.around(backbone, self.begun.preprocess)
            head = self.method.head(self.sources, _width(network, self.inputs.batch(self.sources.train[:2])))
        device = self.runtime.device
        return backbone, laid_out(network, device, example(self.preprocess)), head.to(device)

    def feed(self, _boundary: str = "") -> Feed:
        """What training sees: everything is trained, so there is one boundary only."""
        return self.method.feed(LiveFeed(self.inputs, self.asked.seed, self.runtime.device))

    def planned(self) -> _plan.Plan:
        """Epochs and threads."""
        _, network, head = self.parts()
        rows, continued = self.sources.train, self.begun.continued
        recipe = _plan.recipe(len(rows), self.preprocess, continued, self.asked.epochs)
        objective = self.method.objective(self.sources, head)
        typical = np.roll(self.inputs.ordered(rows), (recipe.batch - len(rows)) // 2)  # of middling length
        trial = _plan.Trial(nn.Sequential(network, head), self.feed(), objective, typical)
        return _plan.make(trial, recipe, self.asked.minutes, self.runtime)

    def train(
        self, plan: _plan.Plan, folder: RunFolder, watch: _watch.Watch | None
    ) -> tuple[nn.Module, nn.Module, History]:
        """The trained backbone and head; one that is in the work folder is read."""
        backbone, network, head = self.parts()
        done = folder.work / "pretrained.safetensors"
        if not done.exists():
            sources = self.sources
            training = Training(
                objective=self.method.objective(sources, head),
                strategy=registry.get("adaptation", "scratch"),
                recipe=plan.recipe,
                seed=self.asked.seed,
                train=sources.train,
                validation=sources.validation if self.method.labelled else sources.train[:0],
                stages=(),
                checkpoint=folder.work / "pretrain.checkpoint",
                deadline=self.runtime.clock.budget,
                watch=lambda _: self._noted(watch(backbone) if watch else {}),
                lengths=places(self.inputs, sources.train, len(sources.examples)),
            )
            runtime = replace(self.runtime, half=plan.half)
            loop = Loop(network, head, training, self.feed, runtime)
            kept, history = loop.run()
            if loop.fabric.global_rank:
                return backbone, head, history
            checkpoints.write(done, {"kept": kept}, {"history": asdict(history)})
        groups, facts = checkpoints.read(done)
        nn.ModuleDict({"backbone": network, "head": head}).load_state_dict(groups["kept"], strict=False)
        return backbone.eval(), head.eval(), History.from_json(facts["history"])

    def _noted(self, looked: dict[str, float]) -> dict[str, float]:
        """The same, in the log too: the clock of the next attempt goes on from there."""
        self.runtime.log("epoch", **looked)
        return looked

    def values(self, backbone: nn.Module, head: nn.Module) -> list[float | None]:
        """The task's own metric on each data set's validation, by its own head; None without labels."""
        if not self.method.labelled:
            return [None] * len(self.sources.splits)
        if not self.sources.task.answer.classes:
            return [
                self._answered(nn.Sequential(backbone, head), number)
                for number in range(len(self.sources.splits))
            ]
        found: list[float | None] = []
        model, sources = nn.Sequential(backbone, head), self.sources
        feed = LiveFeed(self.inputs, self.asked.seed, self.runtime.device)
        bounds = np.cumsum([0, *sources.sizes])
        for number, splits in enumerate(sources.splits):
            rows = splits.validation
            outputs = evaluate(model, feed, rows + sources.starts[number]).double().numpy()
            own = outputs[:, bounds[number] : bounds[number + 1]]
            found.append(sources.task.score.value(own, splits.examples.answers[rows]))
        return found

    def _answered(self, model: nn.Module, number: int) -> float:
        """The metric of one data set's answers, on some of its validation."""
        task, splits = self.sources.task, self.sources.splits[number]
        rows = _watch.some(splits.validation)
        feed = LiveFeed(self.inputs, self.asked.seed, self.runtime.device)
        starts = range(0, len(rows), _watch.BATCH)
        parts = [rows[start : start + _watch.BATCH] + self.sources.starts[number] for start in starts]
        answers = [task.answer.answers(model, feed.still(part), self.preprocess) for part in parts]
        return task.score.value(np.concatenate(answers), splits.examples.answers[rows])

    def made(self, backbone: nn.Module, head: nn.Module) -> Made:
        """The base, without what pre-training put on top unless that is one task's output layer."""
        state = {name: tensor.detach().cpu() for name, tensor in backbone.state_dict().items()}
        trained = shortened([self.sources.examples.digests[row] for row in self.sources.train.tolist()])
        validation = shortened(
            [self.sources.examples.digests[row] for row in self.sources.validation.tolist()]
        )
        seen = np.unique(np.concatenate([trained, validation, self.begun.seen]))
        before = self.begun.base.card.source_data if self.begun.base else None
        said = f"{', '.join(self.sources.names)} ({self.asked.method})"
        return Made(
            architecture=self.begun.architecture,
            preprocess=self.begun.preprocess,
            state=state,
            classes=_classes(self.sources, head) if self.method.labelled else None,
            seen=seen,
            licence=self.asked.licence,
            source_data=f"{before}; {said}" if before else said,
        )


def _classes(sources: Sources, head: nn.Module) -> Classes | None:
    """The output layer, where there is one data set and the layer is linear."""
    state = head.state_dict()
    weight, bias = state.get("each.0.weight"), state.get("each.0.bias")
    if len(sources.splits) > 1 or weight is None or bias is None or weight.ndim != 2:
        return None
    return Classes(sources.splits[0].examples.categories, weight.cpu(), bias.cpu())


def _width(backbone: nn.Module, batch: Tensor) -> int:
    was = backbone.training
    width = int(backbone.eval()(batch).shape[1])
    backbone.train(was)
    return width
