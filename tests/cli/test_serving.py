"""The command says where it serves, and what is wrong before it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.serving import server
from stories import refused, said


def test_options_reach_the_service(monkeypatch, tmp_path):
    asked = []

    def serve(wanted, say):
        asked.append(wanted)
        say("http://127.0.0.1:1", Path("runs/corrections"))

    monkeypatch.setattr(server, "serve", serve)
    told = said("serve", tmp_path, "--port", 1, "--max-mb", 2, "--max-examples", 3, "--no-corrections")
    assert (told.code, told.out) == (0, "http://127.0.0.1:1\n")
    assert "runs/corrections" in told.err
    (wanted,) = asked
    assert (wanted.path, wanted.address.port, wanted.corrections) == (tmp_path, 1, False)
    assert (wanted.limits.megabytes, wanted.limits.examples) == (2.0, 3)


@pytest.mark.parametrize("options", [["--port", "99999"], ["--max-mb", "0"], ["--max-examples", "0"]])
def test_what_cannot_be_is_refused(tmp_path, options):
    refused(said("serve", tmp_path, *options))


def test_what_is_no_bundle_is_refused(tmp_path):
    refused(said("serve", tmp_path))
