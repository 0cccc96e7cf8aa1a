"""Small networks for recordings."""

import sounds
from headstart.bases import load_base
from headstart.bases.soundnet import plugin


def test_its_stages_and_how_to_make_one(tmp_path):
    base = load_base(sounds.write_base(tmp_path / "one"), "sound")
    assert base.card.stages[0] == "stem"
    assert f"headstart pretrain DATA --architecture {plugin.name}" in plugin.advice
