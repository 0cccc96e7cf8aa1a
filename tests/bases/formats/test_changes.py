"""A folder with changes to a base says whose they are, and how they become one."""

import peft
import pytest
from safetensors.torch import save_file
from torch import ones

from headstart.bases import load_base
from headstart.bases.formats.changes import TASKS, refuse
from headstart.errors import BaseError
from languages import note, write


@pytest.fixture
def changes(tmp_path):
    """`changes(kind, task)` writes an adapter's folder."""

    def make(kind="LORA", task="SEQ_CLS", base="bert-base-uncased"):
        folder = tmp_path / "changes"
        said = {"peft_type": kind, "task_type": task, "base_model_name_or_path": base}
        note(folder / "adapter_config.json", said)
        save_file({"base_model.model.a.lora_A.weight": ones(2, 2)}, folder / "adapter_model.safetensors")
        return folder

    return make


@pytest.mark.parametrize("task", [*TASKS, None, "SOMETHING"])
def test_the_hint_names_a_class_that_the_library_has(changes, task):
    folder = changes(task=task)
    with pytest.raises(BaseError, match=r"LORA.*bert-base-uncased") as refused:
        load_base(str(folder), "text")
    named = refused.value.hint.partition("peft.")[2].partition(".")[0]
    assert hasattr(peft, named)
    assert named.endswith(TASKS.get(task, "Model"))
    assert str(folder) in refused.value.hint


@pytest.mark.parametrize("kind", ["PROMPT_TUNING", "PREFIX_TUNING", "P_TUNING"])
def test_what_cannot_be_merged_is_not_said_to_be(changes, kind):
    with pytest.raises(BaseError) as refused:
        refuse(changes(kind))
    assert "merge" not in refused.value.hint
    assert "--base hf/bert-base-uncased" in refused.value.hint


def test_a_base_beside_its_changes_is_not_taken_without_them(changes, tmp_path):
    folder = changes()
    write(folder, "bert")
    with pytest.raises(BaseError, match="LORA"):
        load_base(str(folder))


def test_settings_left_over_beside_a_whole_base_do_no_harm(changes):
    folder = changes()
    (folder / "adapter_model.safetensors").unlink()
    with pytest.raises(BaseError, match="LORA"):
        load_base(str(folder))
    write(folder, "bert")
    assert load_base(str(folder)).receipt.fraction == 1


def test_a_base_without_changes_is_let_through(tmp_path):
    refuse(write(tmp_path, "bert")[0])
