"""Folders that hold changes to a base and no base: adapters, as peft writes them.

Their base may be anywhere, and be read in ways that only peft knows, so they are not taken for one: the way
to a whole base is told. The class that is named matters: another one would find none of the changes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...errors import BaseError
from .files import ADAPTER, ADAPTER_WEIGHTS, read_config, whole

TASKS = {
    "SEQ_CLS": "SequenceClassification",
    "SEQ_2_SEQ_LM": "Seq2SeqLM",
    "CAUSAL_LM": "CausalLM",
    "TOKEN_CLS": "TokenClassification",
    "QUESTION_ANS": "QuestionAnswering",
    "FEATURE_EXTRACTION": "FeatureExtraction",
}
"""What the settings call a task, and what peft's class for it is called after `AutoPeftModelFor`."""
BESIDE = ("PROMPT_TUNING", "MULTITASK_PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING", "ADAPTION_PROMPT", "CPT")
"""Kinds that put something beside the inputs: no weights of a base can hold that."""


def refuse(folder: Path) -> None:
    """Nothing where a folder is no adapter's.

    Raises:
        BaseError: it is one; the hint says how it becomes a base.
    """
    said = read_config(folder, ADAPTER)
    if said is None or (whole(folder) and not any((folder / name).is_file() for name in ADAPTER_WEIGHTS)):
        return
    kind, base = str(said.get("peft_type") or "an adapter"), said.get("base_model_name_or_path")
    raise BaseError(
        f"the folder {folder} holds changes ({kind}) to the base `{base}`, and no whole base",
        _way(folder, kind, base, said.get("task_type")),
    )


def _way(folder: Path, kind: str, base: Any, task: Any) -> str:
    if kind in BESIDE:
        return f"{kind} changes no weights, so that no base can be made of it: take {_named(base)} itself"
    auto = f"AutoPeftModel{'For' + TASKS[task] if task in TASKS else ''}"
    return (
        f"where you trust both, merge them into a new folder: peft.{auto}.from_pretrained('{folder}')"
        f".merge_and_unload().save_pretrained('NEW'), then transformers.AutoTokenizer.from_pretrained("
        f"'{base}').save_pretrained('NEW'), and write --base NEW"
    )


def _named(base: Any) -> str:
    return f"--base {base}" if Path(str(base)).exists() else f"--base hf/{base}"
