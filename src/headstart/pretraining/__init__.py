"""Make a base: pre-train a backbone on large data, labelled or not.

    read the data sets → start from an architecture or a base → train by one method → write a base folder

Each file without a leading underscore is a method; `base.py` is the contract. The training loop, its exact
resume and its running average are those of `adapt/`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor, nn

from .. import data as stage
from .. import registry
from .._version import VERSION
from ..adapt import _checkpoint
from ..adapt._feed import LiveFeed
from ..adapt._loop import Feed, Loop, Training, evaluate
from ..adapt.base import History
from ..bases._card import fingerprint
from ..bases._seen import shortened
from ..bases.base import Classes
from ..cache import Cache
from ..data.parallel import Progress
from ..errors import BaseError, SettingsError
from ..runtime import Clock, Reporter, Runtime, derive, detect, seeded, using_threads
from ..ship.folder import RunFolder, open_run
from ..tasks.base import Task
from . import _folder, _plan, _sources, _start, _watch
from ._folder import Made
from ._sources import Sources
from ._start import Start
from .base import Method

SCHEMA = "headstart/pretrain/1"


@dataclass(frozen=True)
class Asked:
    """One pre-training; raises SettingsError or UnknownName when a value cannot be."""

    data: tuple[Any, ...]
    out: Path
    task: str
    method: str
    base: str | None = None
    """To continue from."""
    architecture: str | None = None
    """To start from scratch."""
    size: int | None = None
    """Input side, pixels; that of the base where none is given."""
    epochs: int | None = None
    minutes: float | None = None
    seed: int = 0
    probe: Any = None
    """Labelled data, looked at but not trained on."""
    licence: str | None = None
    """Of the weights, as the one who made them says."""

    def __post_init__(self) -> None:
        require_some(self.data)
        if (self.base is None) == (self.architecture is None):
            raise SettingsError(
                "give a base to continue from or an architecture to start from scratch, not both",
                "for instance --base builtin/vision-s, or --architecture timm/resnet10t",
            )
        if self.size is not None and not 16 <= self.size <= 1024:
            raise SettingsError(
                f"--size must be from 16 to 1024 pixels, got {self.size}", "64 to 224 is usual"
            )
        if self.epochs is not None and self.epochs < 1:
            raise SettingsError(
                f"--epochs must be at least 1, got {self.epochs}", "leave it out for a default"
            )
        if self.minutes is not None and not 0 < self.minutes < 100_000:
            raise SettingsError(
                f"--minutes must be above 0, got {self.minutes}", "leave it out for a default"
            )
        if not 0 <= self.seed < 2**31:
            raise SettingsError(f"--seed must be from 0 to 2147483647, got {self.seed}", "choose another")
        if self.method not in registry.names("pretraining"):
            registry.get("pretraining", self.method)
        if len(self.data) > 1 and not registry.get("pretraining", self.method).labelled:
            raise SettingsError(
                f"`{self.method}` takes one folder of files, got {len(self.data)}",
                "put the folders into one; several data sets are for labels",
            )

    def identity(self, sources: Sources) -> dict[str, Any]:
        """What `settings.json` opens with: equal for the same pre-training."""
        plain = {**asdict(self), "data": [_name(one) for one in self.data], "out": None}
        plain["probe"] = None if self.probe is None else _name(self.probe)
        prints = [f"sha256:{one.fingerprint}" for one in sources.splits]
        return {"schema": SCHEMA, "headstart": VERSION, "pretrain": plain, "fingerprints": prints}


def require_some(data: tuple[Any, ...]) -> None:
    """Raises SettingsError: no data set was named."""
    if not data:
        raise SettingsError("there is nothing to pre-train on", "give one or more data folders")


def pretrain(asked: Asked, reporter: Reporter, progress: Progress) -> tuple[Path, dict[str, Any]]:
    """Pre-train and write a base folder; returns it and what its `result.json` holds.

    Killed at any point, the same call goes on and ends with the same weights (bit for bit on a CPU, unless
    its own deadline cut it).

    Raises:
        HeadstartError: the data, the base or the folder cannot be used, or the features collapsed.
    """
    clock = Clock(asked.minutes)
    task: Task = registry.get("tasks", asked.task)
    method: Method = registry.get("pretraining", asked.method)
    sources = _sources.read(asked.data, task, method.labelled, asked.seed, progress)
    begun = _start.start(asked.base, asked.architecture, asked.size, task.modality, asked.seed)
    probe = None if asked.probe is None else stage.load(asked.probe, task, asked.seed, progress=progress)

    folder = open_run(asked.out, asked.out.name, asked.identity(sources))
    clock.add(folder.worked())
    runtime = detect(clock, reporter, folder.log)
    runtime.log("start", version=VERSION, examples=len(sources.train))
    trainee = _Trainee(asked, method, sources, begun, runtime, Cache())
    plan = _plan.Plan.from_json(folder.once("plan", lambda: trainee.planned().as_json()))
    reporter.note(
        f"{asked.method}: {len(sources.train)} examples, {plan.recipe.epochs} epochs "
        f"of batches of {plan.recipe.batch}"
    )
    looks = None if probe is None else _watch.Probe(probe, trainee.inputs_of(probe.examples))
    watch = _watch.Watch(trainee.inputs, _watch.some(sources.train), runtime.device, looks)
    with using_threads(plan.threads):
        backbone, head, history = trainee.train(plan, folder, watch)
        looked = watch(backbone)
        values = trainee.values(backbone, head)
    made = trainee.made(backbone, head)
    result = {**_result(asked, trainee, made, plan, values), **_happened(history), "knn": None, **looked}
    _refuse_useless(result, history)
    _folder.write(folder.path, made)
    _folder.write_card(folder.path, folder.path.resolve().name, result)
    folder.finish(result)
    return folder.path, result


class _Trainee:
    """A backbone, its head and what it is shown."""

    def __init__(
        self, asked: Asked, method: Method, sources: Sources, begun: Start, runtime: Runtime, cache: Cache
    ) -> None:
        self.asked, self.method, self.sources, self.begun = asked, method, sources, begun
        self.runtime, self.cache = runtime, cache
        self.inputs = self.inputs_of(sources.examples)

    def inputs_of(self, examples: Any) -> Any:
        """Examples as the backbone takes them."""
        return self.sources.task.inputs(examples.sources, self.begun.preprocess, self.cache, examples.digests)

    def parts(self) -> tuple[nn.Module, nn.Module]:
        """Backbone and head as they start."""
        backbone = self.begun.build()
        with seeded(derive(self.asked.seed, "head")):
            head = self.method.head(self.sources, _width(backbone, self.inputs.batch(self.sources.train[:2])))
        device = self.runtime.device
        return backbone.to(device, memory_format=_channels_last()), head.to(device)  # type: ignore[call-overload]

    def feed(self, _boundary: str = "") -> Feed:
        """What training sees: everything is trained, so there is one boundary only."""
        return self.method.feed(LiveFeed(self.inputs, self.asked.seed, self.runtime.device))

    def planned(self) -> _plan.Plan:
        """Epochs and threads."""
        backbone, head = self.parts()
        rows, size = self.sources.train, self.begun.preprocess.size
        recipe = _plan.recipe(len(rows), size, self.begun.base is not None, self.asked.epochs)
        objective = self.method.objective(self.sources, head)
        trial = _plan.Trial(nn.Sequential(backbone, head), self.feed(), objective, rows)
        return _plan.make(trial, recipe, self.asked.minutes, self.runtime)

    def train(
        self, plan: _plan.Plan, folder: RunFolder, watch: _watch.Watch
    ) -> tuple[nn.Module, nn.Module, History]:
        """The trained backbone and head; one that is in the work folder is read."""
        backbone, head = self.parts()
        done = folder.work / "pretrained.safetensors"
        if not done.exists():
            sources = self.sources
            training = Training(
                objective=self.method.objective(sources, head),
                strategy=registry.get("adapt", "scratch"),
                recipe=plan.recipe,
                seed=self.asked.seed,
                train=sources.train,
                validation=sources.validation if self.method.labelled else sources.train[:0],
                stages=(),
                checkpoint=folder.work / "pretrain.checkpoint",
                deadline=self.runtime.clock.budget,
                watch=lambda network: self._noted(watch(network)),
            )
            runtime = replace(self.runtime, half=plan.half)
            kept, history = Loop(backbone, head, training, self.feed, runtime).run()
            _checkpoint.write(done, {"kept": kept}, {"history": asdict(history)})
        groups, facts = _checkpoint.read(done)
        nn.ModuleDict({"backbone": backbone, "head": head}).load_state_dict(groups["kept"], strict=False)
        return backbone.eval(), head.eval(), History.from_json(facts["history"])

    def _noted(self, looked: dict[str, float]) -> dict[str, float]:
        """The same, in the log too: the clock of the next attempt goes on from there."""
        self.runtime.log("epoch", **looked)
        return looked

    def values(self, backbone: nn.Module, head: nn.Module) -> list[float | None]:
        """The task's own metric on each data set's validation, by its own head; None without labels."""
        if not self.method.labelled:
            return [None] * len(self.sources.splits)
        found: list[float | None] = []
        model, sources = nn.Sequential(backbone, head), self.sources
        feed = LiveFeed(self.inputs, self.asked.seed, self.runtime.device)
        bounds = np.cumsum([0, *sources.sizes])
        for number, splits in enumerate(sources.splits):
            rows = splits.validation
            outputs = evaluate(model, feed, rows + sources.starts[number]).double().numpy()
            own = outputs[:, bounds[number] : bounds[number + 1]]
            found.append(float(sources.task.scores(own, splits.examples.targets[rows]).mean()))
        return found

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
    return Classes(sources.splits[0].examples.labels, weight.cpu(), bias.cpu())


def _result(
    asked: Asked, trainee: _Trainee, made: Made, plan: _plan.Plan, values: list[float | None]
) -> dict[str, Any]:
    sources = trainee.sources
    return {
        "schema": SCHEMA,
        "headstart": VERSION,
        "method": asked.method,
        "task": asked.task,
        "architecture": asdict(made.architecture),
        "size": made.preprocess.size,
        "base": asked.base,
        "seed": asked.seed,
        "licence": asked.licence,
        "sources": [
            {
                "name": name,
                "train": len(splits.train),
                "validation": len(splits.validation),
                "classes": len(splits.examples.labels) if trainee.method.labelled else None,
                "metric": sources.task.metric,
                "value": value,
                "fingerprint": f"sha256:{splits.fingerprint}",
            }
            for name, splits, value in zip(sources.names, sources.splits, values, strict=True)
        ],
        "dropped": {"count": len(sources.dropped), "items": [asdict(item) for item in sources.dropped]},
        "trained_on": len(made.seen),
        "batch": plan.recipe.batch,
        "rate": plan.recipe.rate,
        "threads": plan.threads,
        "half": plan.half,
        "sha256": fingerprint(made.state),
    }


def _happened(history: History) -> dict[str, Any]:
    return {
        "epochs": len(history.train),
        "steps": history.steps,
        "seconds": round(history.seconds, 1),
        "cut_short": history.cut_short,
        "kept": {"candidate": history.candidate, "epoch": history.kept},
        "losses": {"train": list(history.train), "validation": list(history.validation)},
        "watched": list(history.watched),
    }


def _refuse_useless(result: dict[str, Any], history: History) -> None:
    """Raises BaseError: what came out is no base."""
    if history.diverged:
        raise BaseError(
            "the loss stopped being a number", "start from another base, or give data without broken values"
        )
    if result["dimensions"] < _watch.COLLAPSED:
        raise BaseError(
            f"the features collapsed: they spread in {result['dimensions']:.1f} effective dimensions, so "
            "different pictures look alike to this backbone; nothing was written",
            "give more, and more varied, files; or continue from a base; or use another --method",
        )


def _width(backbone: nn.Module, batch: Tensor) -> int:
    was = backbone.training
    width = int(backbone.eval()(batch).shape[1])
    backbone.train(was)
    return width


def _channels_last() -> Any:
    import torch

    return torch.channels_last


def _name(data: Any) -> str | None:
    return str(data) if isinstance(data, str | Path) else None


__all__ = ["Asked", "pretrain", "require_some"]
