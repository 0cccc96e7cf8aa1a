"""What is said of a model is what it takes: each task's description is true of its routes."""

from __future__ import annotations

import pytest

from headstart import registry
from headstart.data.sent import Sending
from headstart.serving import described


def test_a_body_names_what_is_taken():
    pictures = described.predictable(Sending("picture"))["content"]
    tables = described.predictable(Sending("table", files=False, rows=True))["content"]
    texts = described.predictable(Sending("text", texts=True, rows=True))["content"]
    assert set(pictures) == {"multipart/form-data", "application/json", "application/octet-stream"}
    assert {"text/csv", "application/json"} <= set(tables)
    assert "application/octet-stream" not in tables
    assert {"text/csv", "text/plain"} <= set(texts)
    keys = [set(one["properties"]) for one in texts["application/json"]["schema"]["oneOf"]]
    assert keys == [{"texts", "columns"}, {"rows", "columns"}]


def test_failures_have_one_form():
    told = described.responses("fine", {}, 413, 503)
    assert [*told] == [200, 413, 503]
    assert told[413]["content"]["application/json"]["schema"] == described.FAILURE


@pytest.mark.parametrize("name", registry.names("tasks"))
def test_every_task_can_be_sent_something(name):
    task = registry.get("tasks", name)
    sending = task.modality.sent
    assert sending.files or sending.rows
    if sending.rows:
        assert task.reader.columns
    if task.answer.correction not in (None, "boxes", "mask"):
        assert len(task.reader.columns) >= 2, "a column for the example, one for what is right"


def test_a_base_in_a_folder_is_called_by_its_name():
    assert described._told("/home/somebody/my-base") == "my-base"
    assert described._told("builtin/vision-s") == "builtin/vision-s"
