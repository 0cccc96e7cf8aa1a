"""Small networks for series are found, written and built; one ships."""

import json

import pytest
import torch
from safetensors.torch import save_file

import serial
from headstart.bases import build, load_base
from headstart.bases.seriesnet import NAME, plugin
from headstart.errors import BaseError
from headstart.preprocessing.series import SeriesPreprocess
from headstart.types import Architecture


def test_what_ships_is_small_and_knows_series():
    base = load_base("builtin/series-s", "series")
    assert base.card.parameters < 150_000
    assert "made series" in base.card.source_data
    assert base.receipt.fraction == 1
    assert base.card.stages


def test_a_folder_is_found_and_what_is_saved_again(tmp_path):
    base = load_base(serial.write_base(tmp_path / "one"), "series")
    saved = plugin.save(base.architecture, base.preprocess, base.state, None)
    (tmp_path / "config.json").write_text(json.dumps(saved.settings["config.json"]))
    save_file(saved.state, tmp_path / "model.safetensors")
    assert load_base(str(tmp_path), "series").identity == base.identity
    longer = base.prepared(SeriesPreprocess(12))
    assert longer.card.flops == 12 * base.card.flops
    assert longer.card.width == base.card.width


def test_without_weights_it_is_to_be_trained():
    assert plugin.names() == [NAME]
    with pytest.raises(BaseError, match="network without weights"):
        load_base(NAME, "series")


def test_settings_that_do_not_fit_are_refused():
    for name, args in (("small", {"depth": 3}), ("large", {})):
        with pytest.raises(BaseError, match="cannot be built with"):
            plugin.build(Architecture("seriesnet", name, args))
    assert build(Architecture("seriesnet", "lags"))(torch.zeros(1, 60, 2)).shape == (1, 130)
