"""Chronos-Bolt's folders are bases: written, found again, adapted, and refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import headstart as hs
import serial
from headstart.bases import load_base
from headstart.bases.chronos_bolt import plugin
from headstart.data.series.histories import LONGEST
from headstart.errors import BaseError
from headstart.preprocessing.series import HistoryPreprocess


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return Path(serial.write_bolt(tmp_path_factory.mktemp("bolt") / "base"))


@pytest.fixture
def copied(folder, tmp_path):
    """A folder that a test may change."""
    return shutil.copytree(folder, tmp_path / "copy")


def changed(folder, **settings):
    """Of how a series is read."""
    file = folder / "config.json"
    config = json.loads(file.read_text("utf-8"))
    config["chronos_config"] |= settings
    file.write_text(json.dumps(config), "utf-8")
    return str(folder)


def test_it_is_taken_whole_and_written_as_it_was(folder, tmp_path):
    base = load_base(str(folder), "series")
    assert base.receipt.fresh == base.receipt.unused == ()
    assert base.preprocess == HistoryPreprocess(context=64)
    assert base.card.stages == ("patches", "encoder", "decoder")
    saved = plugin.save(base.architecture, base.preprocess, base.state, None)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    assert saved.settings == {"config.json": config}
    assert saved.state.keys() == load_file(folder / "model.safetensors").keys()
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "config.json").write_text(json.dumps(saved.settings["config.json"]), "utf-8")
    save_file(saved.state, tmp_path / "ours" / "model.safetensors")
    assert load_base(str(tmp_path / "ours"), "series").card.sha256 == base.card.sha256


@pytest.mark.parametrize(
    "names", [["encoder.embed_tokens.weight"], ["shared.weight", "decoder.embed_tokens.weight"]]
)
def test_the_table_of_its_two_tokens_may_have_other_names(folder, copied, names):
    state = load_file(copied / "model.safetensors")
    table = state.pop("shared.weight")
    save_file({**state, **{name: table.clone() for name in names}}, copied / "model.safetensors")
    again = load_base(str(copied), "series")
    assert again.card.sha256 == load_base(str(folder), "series").card.sha256
    assert again.receipt.unused == ()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"prediction_length": None}, "prediction_length should be a whole number, not None"),
        ({"context_length": 0}, "context_length should be a whole number, not 0"),
        ({"input_patch_size": "4"}, "input_patch_size should be a whole number, not '4'"),
        ({"input_patch_stride": 2}, "patches of 4 values begin every 2"),
        ({"quantiles": []}, "should rise between 0 and 1"),
        ({"quantiles": "all"}, "should rise between 0 and 1"),
        ({"quantiles": [0.1, 0.9, 0.5]}, "should rise between 0 and 1"),
        ({"quantiles": [0.1, 0.5, 1.0]}, "should rise between 0 and 1"),
        ({"quantiles": [0.2, 0.5, 0.9]}, "reach from 0.2 to 0.9"),
        ({"quantiles": [0.1, 0.5, 0.9]}, "of another shape"),
        ({"input_patch_size": 8, "input_patch_stride": 8}, "of another shape"),
        ({"use_reg_token": False}, "of another shape"),
    ],
)
def test_settings_that_cannot_be_followed_are_refused(copied, settings, said):
    with pytest.raises(BaseError, match=said) as caught:
        load_base(changed(copied, **settings), "series")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"decoder_start_token_id": 7}, "`decoder_start_token_id` is 7, of 2 tokens"),
        ({"d_model": "wide"}, "cannot be built from its settings"),
        ({"dense_act_fn": "loud", "feed_forward_proj": "loud"}, "cannot be built from its settings"),
        ({"num_layers": 3}, "missing"),
        ({"d_ff": 48}, "of another shape"),
    ],
)
def test_settings_of_another_t5_are_refused(copied, settings, said):
    file = copied / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), **settings}), "utf-8")
    with pytest.raises(BaseError, match=said) as caught:
        load_base(str(copied), "series")
    assert caught.value.hint


def test_no_more_is_looked_at_than_histories_hold(copied):
    base = load_base(changed(copied, context_length=10**9), "series")
    assert base.preprocess.context == LONGEST


def test_other_kinds_of_chronos_are_refused_by_their_name(copied):
    file = copied / "config.json"
    config = json.loads(file.read_text("utf-8"))
    for other in (
        {"architectures": ["T5ForConditionalGeneration"], "chronos_config": {"n_tokens": 4096}},
        {"architectures": ["Chronos2Model"]},
    ):
        file.write_text(json.dumps({**config, **other}), "utf-8")
        with pytest.raises(BaseError, match=f"another kind .{other['architectures'][0]}") as caught:
            load_base(str(copied))
        assert "Chronos-Bolt" in caught.value.hint
    file.write_text(json.dumps({**config, "chronos_config": 7}), "utf-8")
    with pytest.raises(BaseError, match="should be an object, not int"):
        load_base(str(copied))
    del config["chronos_config"]["quantiles"]
    file.write_text(json.dumps(config), "utf-8")
    with pytest.raises(BaseError, match="lacks quantiles"):
        load_base(str(copied))


def test_every_weight_has_to_be_there(copied):
    state = load_file(copied / "model.safetensors")
    del state["decoder.final_layer_norm.weight"]
    save_file(state, copied / "model.safetensors")
    with pytest.raises(BaseError, match="1 of the network's .* missing"):
        load_base(str(copied), "series")


def test_pytorchs_own_format_alone_is_refused(copied):
    torch.save(load_file(copied / "model.safetensors"), copied / "pytorch_model.bin")
    (copied / "model.safetensors").unlink()
    with pytest.raises(BaseError, match="PyTorch's own format alone") as caught:
        load_base(str(copied), "series")
    assert "safetensors" in caught.value.hint
    (copied / "pytorch_model.bin").unlink()
    with pytest.raises(BaseError, match="has no weights"):
        load_base(str(copied), "series")


def test_it_learns_everywhere(folder):
    network = load_base(str(folder), "series").network().train()
    network(torch.randn(2, 9, 8, generator=torch.Generator().manual_seed(0))).sum().backward()
    still = [name for name, value in network.named_parameters() if value.grad is None]
    assert still == []


@pytest.fixture(scope="module")
def table():
    found = serial.long_table(series=6, length=50)
    found.loc[7, "y"] = np.nan
    return found


@pytest.mark.slow("finetune")
@pytest.mark.parametrize("strategy", ["frozen", "finetune", "lora"])
def test_every_strategy_makes_a_bundle_that_predicts(folder, table, tmp_path, strategy):
    hs.adapt(table, base=str(folder), strategy=strategy, horizon="6", minutes=2, out=tmp_path / "run")
    said = list(hs.load(tmp_path / "run").predict(table))
    assert [len(one["forecast"]) for one in said] == [6] * 6
    assert load_base(str(tmp_path / "run"), "series").preprocess.context == 64


def test_as_it_is_it_tells_a_series_what_it_tells_it_alone(folder, table, tmp_path):
    hs.adapt(table, base=str(folder), strategy="zero_shot", horizon="11", minutes=2, out=tmp_path / "run")
    model, some = hs.load(tmp_path / "run"), table[table["unique_id"] == "s0"]
    said = next(iter(model.predict(table)))["forecast"]
    np.testing.assert_allclose(next(iter(model.predict(some)))["forecast"], said, rtol=1e-5)
    with torch.no_grad():
        direct, _ = load_base(str(folder), "series").network().ahead(torch.tensor([some["y"].tolist()]), 11)
    np.testing.assert_allclose(said, direct[0].sort(0).values[4].clamp(min=0), rtol=1e-4)
    assert hs.export(tmp_path / "run" / "bundle", data=table, horizon="11")["difference"] < 1e-4
