"""What sentence-transformers keeps beside a language model: how its tokens become one row of features.

`modules.json` lists the steps: a transformer, a pooling, then perhaps dense layers and a normalisation. Each
has a folder with settings. Old and new names of the settings are read; a step that cannot be taken as it is
meant is an error, since features without it would be others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from ...errors import BaseError
from .files import CONFIG, read_config, read_folder

MODULES, ABOUT = "modules.json", "config_sentence_transformers.json"
POOLING = "1_Pooling"
"""Where the pooling is kept."""
TRANSFORMER = tuple(
    f"sentence_{kind}_config.json"
    for kind in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)
"""Names of the transformer's settings, today's first."""
OURS = "sentence_transformers."
"""The package whose steps are known; code of a repository never runs."""
SENTENCE, TOKENS = "sentence_embedding", "token_embeddings"
OLD = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
"""The settings of a pooling before version 6, in the order in which several are put side by side."""
MODES = {
    "cls": "first",
    "max": "max",
    "mean": "mean",
    "mean_sqrt_len_tokens": "root",
    "weightedmean": "weighted",
    "lasttoken": "last",
}
"""What today's settings call them, and what `bases/networks/ragged.py` does."""
ACTIVATIONS = ("Identity", "Tanh", "ReLU", "GELU", "SiLU", "Sigmoid")
TRANSFORMER_ALONE = (
    "to take its transformer alone (the mean of its tokens), give a copy of the folder without modules.json "
    "and the numbered folders"
)


@dataclass(frozen=True)
class Step:
    """One line of `modules.json`."""

    kind: str
    """The last part of its type."""
    path: str
    """Its folder within the model's, perhaps "": the model's own."""


@dataclass(frozen=True)
class Sentence:
    """What is declared of a sentence encoder."""

    pooling: str | None = None
    """For `SequenceNetwork`; None where nothing is said."""
    after: tuple[dict[str, Any], ...] = ()
    """What the pooled row goes through, for `bases/networks/after.py`."""
    folders: tuple[str, ...] = ()
    """Where the weights of each of them are."""
    longest: int | None = None
    """Tokens of a text at most."""
    lower: bool = False
    """Are texts lower-cased first?"""
    prompt: str = ""
    """What stands before every text."""


def folders_of(folder: Path) -> tuple[str, ...]:
    """The folders that `modules.json` names, as far as it can be read."""
    try:
        return tuple(step.path for step in _steps(folder) or ())
    except BaseError:
        return ()


def transformer_of(folder: Path) -> Path:
    """Where the transformer's own files are: the folder itself, or one in it (`0_Transformer`).

    Raises:
        BaseError: `modules.json` cannot be read, or begins with something else than a transformer.
    """
    steps = _steps(folder)
    if not steps:
        return folder
    if steps[0].kind != "Transformer":
        raise BaseError(
            f"the sentence encoder {folder} begins with `{steps[0].kind}`, not with a Transformer",
            "use another base: only those that are made of a transformer are read",
        )
    return folder / steps[0].path


def read(folder: Path) -> Sentence:
    """All that is declared of the encoder in a folder; nothing where it is a plain language model.

    Raises:
        BaseError: a step of it cannot be taken as it is meant.
    """
    about = read_config(folder, ABOUT) or {}
    steps = _steps(folder)
    if steps is None:
        steps = _numbered(folder)
    settings = _transformer(transformer_of(folder))
    longest, lower = settings.get("max_seq_length"), bool(settings.get("do_lower_case"))
    if len(steps) < 2 and (not steps or about.get("model_type") == "CrossEncoder"):
        return Sentence(None, (), (), longest, lower)
    if len(steps) < 2 or steps[1].kind != "Pooling":
        raise _unfit(folder, f"`{steps[1].kind if steps[1:] else 'nothing'}` where a Pooling should follow")
    _check_transformer(folder, settings)
    prompt = _prompt(folder, about)
    pooling = _pooling(folder, read_config(folder / steps[1].path) or {}, prompt)
    after = [(spec, step.path) for step in steps[2:] if (spec := _after(folder, step)) is not None]
    specs, folders = tuple(spec for spec, _ in after), tuple(path for _, path in after)
    return Sentence(pooling, specs, folders, longest, lower, prompt)


def weights(folder: Path, sentence: Sentence) -> dict[str, Tensor]:
    """The weights of what comes after the pooling: `0.linear.weight` and so on."""
    found = dict[str, Tensor]()
    for number, (spec, path) in enumerate(zip(sentence.after, sentence.folders, strict=True)):
        if spec["kind"] != "normalize":
            found |= {f"{number}.{name}": value for name, value in read_folder(folder / path).items()}
    return found


def written(pooling: str, width: int, after: Sequence[Mapping[str, Any]], longest: int) -> dict[str, Any]:
    """The files that say this, by name: `read` reads them, and so does the library."""
    names = {ours: theirs for theirs, ours in MODES.items()}
    modes = [names[mode] for mode in pooling.split("+")]
    said: dict[str, Any] = {"word_embedding_dimension": width}
    if modes == [mode for mode in OLD.values() if mode in modes]:
        said |= {key: mode in modes for key, mode in OLD.items()}  # every version reads these
    else:
        said |= {"pooling_mode": modes}
    steps = [
        ("", "Transformer"),
        (POOLING, "Pooling"),
        *((place(spec, i), _theirs(spec)) for i, spec in enumerate(after)),
    ]
    files: dict[str, Any] = {
        MODULES: [
            {"idx": i, "name": str(i), "path": path, "type": f"{OURS}models.{kind}"}
            for i, (path, kind) in enumerate(steps)
        ],
        f"{POOLING}/{CONFIG}": said,
        TRANSFORMER[0]: {"max_seq_length": longest, "do_lower_case": False},
    }
    return {**files, **{f"{place(spec, i)}/{CONFIG}": _settings(spec) for i, spec in enumerate(after)}}


def place(spec: Mapping[str, object], number: int) -> str:
    """The folder of the step of this number after the pooling."""
    return f"{number + 2}_{_theirs(spec)}"


def _theirs(spec: Mapping[str, Any]) -> str:
    return {"dense": "Dense", "normalize": "Normalize", "layer_norm": "LayerNorm"}[spec["kind"]]


def _settings(spec: Mapping[str, Any]) -> dict[str, Any]:
    if spec["kind"] == "dense":
        module = (
            "torch.nn.modules.linear" if spec["activation"] == "Identity" else "torch.nn.modules.activation"
        )
        return {
            "in_features": spec["inputs"],
            "out_features": spec["outputs"],
            "bias": spec["bias"],
            "activation_function": f"{module}.{spec['activation']}",
        }
    return {"dimension": spec["width"]} if spec["kind"] == "layer_norm" else {}


def _steps(folder: Path) -> list[Step] | None:
    """What `modules.json` lists; None where there is none."""
    file = folder / MODULES
    if not file.is_file():
        return None
    try:
        listed = [
            (str(one["type"]), str(one["path"])) for one in json.loads(file.read_text(encoding="utf-8"))
        ]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BaseError(f"{file} cannot be read: {error!r}", "get it anew") from error
    for kind, path in listed:
        if Path(path).is_absolute() or ".." in Path(path).parts:
            raise BaseError(f"{file} names the folder {path}, outside of its own", "get it anew")
        if not kind.startswith(OURS):
            raise BaseError(
                f"{file} asks for `{kind}`: code that a repository brings along is never run",
                TRANSFORMER_ALONE,
            )
    return [Step(kind.rpartition(".")[2], path) for kind, path in listed]


def _numbered(folder: Path) -> list[Step]:
    """The steps that folders without a `modules.json` stand for, by their names."""
    found = [re.fullmatch(r"([1-9]\d*)_([A-Z]\w*)", one.name) for one in folder.glob("*_*") if one.is_dir()]
    named = sorted((int(one[1]), one[2], one[0]) for one in found if one)
    return [Step("Transformer", ""), *(Step(kind, path) for _, kind, path in named)] if named else []


def _transformer(folder: Path) -> dict[str, Any]:
    return next((said for name in TRANSFORMER if (said := read_config(folder, name)) is not None), {})


def _check_transformer(folder: Path, settings: Mapping[str, Any]) -> None:
    """Does it give the states of its last layer, as we do?"""
    task = settings.get("transformer_task", "feature-extraction")
    gives = settings.get("module_output_name", TOKENS)
    text = (settings.get("modality_config") or {}).get("text") or {}
    how = text.get("method", "forward"), text.get("method_output_name", "last_hidden_state")
    if (task, gives) != ("feature-extraction", TOKENS) or how != ("forward", "last_hidden_state"):
        raise _unfit(folder, f"a Transformer for {task} that gives {how[1]} as {gives}")


def _prompt(folder: Path, about: Mapping[str, Any]) -> str:
    """What the library puts before a text where nothing else is asked for."""
    name, prompts = about.get("default_prompt_name"), about.get("prompts") or {}
    if name is None:
        return ""
    if not isinstance(prompts, Mapping) or name not in prompts:
        raise BaseError(
            f"{folder / ABOUT}: its default prompt `{name}` is not among its prompts",
            "correct it, or get it anew",
        )
    return str(prompts[name] or "")


def _pooling(folder: Path, said: Mapping[str, Any], prompt: str) -> str:
    if prompt and said.get("include_prompt") is False:
        raise _unfit(folder, f"a Pooling that leaves out the tokens of its prompt `{prompt}`")
    modes = said.get("pooling_mode")
    if modes is None:
        modes = [mode for key, mode in OLD.items() if said.get(key)]
    modes = [modes] if isinstance(modes, str) else list(modes) or ["mean"]
    if unknown := [mode for mode in modes if mode not in MODES]:
        raise _unfit(folder, f"the pooling `{unknown[0]}`")
    return "+".join(MODES[mode] for mode in modes)


def _after(folder: Path, step: Step) -> dict[str, Any] | None:
    """What a step after the pooling does, or None where that is nothing."""
    said = read_config(folder / step.path) if step.path else None
    if step.kind == "Dropout":
        return None
    if step.kind not in ("Dense", "LayerNorm", "Normalize"):
        raise _unfit(folder, f"the step `{step.kind}`")
    if said is None and step.kind != "Normalize":
        raise BaseError(
            f"{folder / step.path} has no {CONFIG}", "copy that folder from where the model came from"
        )
    said = said or {}
    if {said.get("module_input_name") or SENTENCE, said.get("module_output_name") or SENTENCE} != {SENTENCE}:
        raise _unfit(folder, f"a {step.kind} of something else than the pooled row")
    if step.kind == "Normalize":
        return {"kind": "normalize"}
    try:
        return _layer_norm(said) if step.kind == "LayerNorm" else _dense(folder, said)
    except (KeyError, TypeError, ValueError) as error:
        raise BaseError(
            f"{folder / step.path / CONFIG} cannot be followed: {error!r}", "get it anew"
        ) from error


def _layer_norm(said: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": "layer_norm", "width": int(said["dimension"])}


def _dense(folder: Path, said: Mapping[str, Any]) -> dict[str, Any]:
    activation = str(said.get("activation_function") or "torch.nn.Tanh").rpartition(".")[2]
    if activation not in ACTIVATIONS or said.get("use_residual"):
        raise _unfit(folder, f"a Dense with {'a residual' if said.get('use_residual') else activation}")
    sizes = {"inputs": int(said["in_features"]), "outputs": int(said["out_features"])}
    return {"kind": "dense", **sizes, "bias": bool(said.get("bias", True)), "activation": activation}


def _unfit(folder: Path, what: str) -> BaseError:
    return BaseError(
        f"the sentence encoder {folder} has {what}: its features cannot be made as it means them",
        TRANSFORMER_ALONE,
    )
