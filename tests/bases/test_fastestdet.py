"""Folders of FastestDet: the base and the head that came with it give what the trained network gives."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

import small_detectors
from headstart.bases import load_base
from headstart.bases._coco import coco
from headstart.bases.fastestdet import plugin
from headstart.bases.networks.maps import mapped
from headstart.errors import BaseError
from headstart.preprocessing.image import ImagePreprocess


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return small_detectors.write_fastestdet(tmp_path_factory.mktemp("fastestdet"))


@pytest.fixture(scope="module")
def folder(written):
    return written[0]


@pytest.fixture(scope="module")
def base(folder):
    return load_base(str(folder), "image")


def rewritten(folder, into, change):
    state = load_file(folder / "model.safetensors")
    change(state)
    into.mkdir(exist_ok=True)
    save_file(state, into / "model.safetensors")
    (into / "config.json").write_text((folder / "config.json").read_text())
    return into


def test_base_and_head_give_what_the_trained_network_gives(written, base):
    shape = (2, 3, small_detectors.SIDE, small_detectors.SIDE)
    pixels = torch.rand(shape, generator=torch.Generator().manual_seed(5))
    network = mapped(base, 8).network()
    with torch.no_grad():
        expected = written[1](pixels.flip(1))
        flat = torch.cat([expected[part].flatten(2) for part in ("reg", "obj", "cls")], 1).transpose(1, 2)
        (answers,) = small_detectors.head_of(base, network, coco()).answers
        found = answers(network(pixels).reshape(2, *network.shapes[0]))
    assert flat.std() > 0.1
    torch.testing.assert_close(found, flat, atol=1e-4, rtol=1e-4)


def test_it_tells_where_it_comes_from(base):
    assert (base.card.source_data, base.card.licence) == ("80 kinds of things", "MIT")
    assert base.preprocess == ImagePreprocess(64, (0.0,) * 3, (1.0,) * 3, "bilinear", 1.0, "squash")
    assert base.receipt.fraction == 1
    assert base.receipt.fresh == base.receipt.unused == ()
    assert base.head.labels == coco()


def test_its_maps_train_in_parts(base):
    found = mapped(base, 8)
    assert found.card.stages == ("backbone.stage2", "backbone.stage3", "backbone.stage4")
    network = found.network()
    trained = [name for names in network.parts.values() for name in names]
    assert set(trained) == dict(network.named_parameters()).keys()
    assert set(network.above("backbone.stage4")) == {name for name in trained if ".SPP." in name}


def test_rows_of_classes_are_kept_by_name(base):
    head = small_detectors.head_of(
        base, mapped(base, 8).network(), ("zebra crossing", "Dog", "traffic_light")
    )
    for name in head.class_rows:
        own, given = head.state_dict()[name], base.head.state[name]
        assert torch.equal(own[1], given[coco().index("dog")])
        assert torch.equal(own[2], given[coco().index("traffic light")])
        assert not any(torch.equal(own[0], row) for row in given)


def test_a_part_of_it_is_refused(folder, tmp_path):
    def without(start):
        return lambda state: [state.pop(name) for name in list(state) if name.startswith(start)]

    with pytest.raises(BaseError, match="of the network's numbers are in the checkpoint"):
        load_base(str(rewritten(folder, tmp_path / "lower", without("SPP."))))
    with pytest.raises(BaseError, match="lacks the weight .* of its head"):
        load_base(str(rewritten(folder, tmp_path / "upper", without("detect_head.obj_layers"))))


def test_folders_of_others_and_damaged_ones_are_left_to_others(folder, tiny_base, tmp_path):
    assert plugin.locate(str(tiny_base)) is None
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:100])
    assert plugin.locate(str(tmp_path)) is None
    assert plugin.locate(str(folder / "model.safetensors")) is None


@pytest.mark.parametrize("size", ["large", 0, 1.5])
def test_a_size_that_is_none_is_refused(size, folder, tmp_path):
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    (tmp_path / "config.json").write_text(json.dumps({"size": size}))
    with pytest.raises(BaseError, match="should be a side in pixels"):
        plugin.locate(str(tmp_path))


def test_without_settings_it_has_the_authors_size(folder, tmp_path):
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    found = plugin.locate(str(tmp_path))
    assert (found.preprocess.size, found.source_data, found.licence) == (352, None, None)


def test_what_is_saved_is_the_same_base(base, tmp_path):
    saved = plugin.save(base.architecture, base.preprocess, base.state, None)
    for name, content in saved.settings.items():
        (tmp_path / name).write_text(json.dumps(content))
    save_file({name: one.contiguous() for name, one in saved.state.items()}, tmp_path / "model.safetensors")
    again = load_base(str(tmp_path))
    assert again.preprocess == base.preprocess
    assert again.card.sha256 == base.card.sha256


@pytest.mark.realdata
def test_real_weights_see_what_is_there_by_the_names_of_a_task(shared):
    base = load_base(str(shared / "weights" / "fastestdet_coco"))
    assert base.receipt.fraction == 1
    assert base.card.licence == "BSD-3-Clause"
    assert "COCO" in base.card.source_data
    found = small_detectors.seen(base, (*coco()[:-1], "ant"), sure=0.7)
    assert found[0] == "person"
    assert {"person", "tie"} <= set(found)
    assert len(set(found)) <= 3  # a medal looks like a clock to so small a network
