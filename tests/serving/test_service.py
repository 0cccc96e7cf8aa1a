"""One model, and what clients ask of it."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from headstart.data.asked import Input
from headstart.models import load
from headstart.serving import service as module
from headstart.serving.refusals import Refused
from headstart.serving.service import Service


@pytest.fixture
def service(reviews):
    made = Service(load(reviews))
    yield made
    made.close()


def test_it_answers_counts_and_shows(service):
    inputs = [Input("a", b"lovely songs"), Input("b", b"\xff"), Input("c", b"", "no text")]
    records = asyncio.run(service.records(inputs))
    assert records[:1] == service.model.predictor.answered(inputs[:1])
    assert [one.get("error") for one in records][1:] == ["not UTF-8 (byte 0xff at 0)", "no text"]
    assert service.answered == 3
    shown = service.shown(inputs, records)
    assert shown[0]["shown"] == {"text": "lovely songs"}
    assert shown[1:] == records[1:]


def test_after_the_end_nothing_is_answered(service):
    service.close()
    with pytest.raises(Refused):
        asyncio.run(service.records([Input("a", b"lovely")]))


def test_few_are_opened_at_a_time(service, monkeypatch):
    open_now, most = [], []

    def opened(request, task, examples):
        open_now.append(1)
        most.append(len(open_now))
        time.sleep(0.02)
        open_now.pop()

    monkeypatch.setattr(module, "opened", opened)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(service.opened, range(8)))
    assert max(most) == module.DESKS
