"""Options that several commands have say what they are, and the same in each."""

from __future__ import annotations

from typing import Any

import typer

from headstart.cli import options
from headstart.cli.commands import app


def parameters() -> list[Any]:
    """Every argument and option of every command."""
    group: Any = typer.main.get_command(app)
    return [one for command in group.commands.values() for one in command.params]


def test_every_shared_option_is_explained_and_used_as_it_stands():
    shared = [value for value in vars(options).values() if hasattr(value, "__metadata__")]
    helps = {value.__metadata__[0].help for value in shared}
    assert len(helps) == len(shared) == 16
    assert all(helps)
    assert helps <= {one.help for one in parameters()}


def test_json_is_the_same_switch_everywhere():
    found = [one for one in parameters() if one.name == "json"]
    assert len(found) > 8
    assert {(*one.opts, one.help) for one in found} == {("--json", "Print JSON instead of a table.")}
