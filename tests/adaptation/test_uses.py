"""What strategies say of themselves, and what they are refused for."""

import pytest

from headstart.adaptation._uses import opens_parts, require_fitting, trains, uses_cuts
from headstart.bases.base import INPUT
from headstart.errors import SettingsError
from headstart.registry import get


def test_who_trains_and_who_opens_parts():
    names = ("frozen", "finetune", "contrastive", "lora")
    assert [trains(name) for name in names] == [False, True, True, True]
    assert [opens_parts(name) for name in names] == [False, True, False, False]
    assert not uses_cuts("finetune", (INPUT,))


@pytest.mark.parametrize(
    ("strategy", "task", "reason"),
    [
        ("refine", "text_classification", "image only"),
        ("contrastive", "translation", "classes"),
        ("lora", "translation", "classes"),
        ("refine", "translation", "classes"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_can(strategy, task, reason):
    with pytest.raises(SettingsError, match=strategy) as caught:
        require_fitting(("frozen", strategy), get("tasks", task), task)
    assert reason in caught.value.message
    assert all(name in caught.value.hint for name in get("tasks", task).strategies)


@pytest.mark.parametrize("task", ["image_classification", "text_classification", "translation"])
def test_what_is_usual_for_a_task_fits_it(task):
    require_fitting(get("tasks", task).strategies, get("tasks", task), task)
