"""What a base was trained on, shortened, in its folder, and found again."""

from __future__ import annotations

import hashlib
import shutil

import numpy as np
import pytest
from safetensors.numpy import save

from headstart.bases import load_base
from headstart.bases.formats import hub
from headstart.bases.formats.fingerprints import NOTHING, SEEN, among, contents, read, shortened
from headstart.errors import BaseError

DIGESTS = [hashlib.sha256(bytes([number])).hexdigest() for number in range(50)]


def test_shortened_digests_are_sorted_each_once():
    numbers = shortened([*DIGESTS, *DIGESTS[:7]])
    assert numbers.dtype == np.int64
    assert len(numbers) == 50
    assert (np.diff(numbers) > 0).all()
    by_hand = int.from_bytes(hashlib.sha256(b"\x03").digest()[:8], "big", signed=True)
    assert by_hand in numbers
    assert shortened(["00" * 7 + "01" + "ff" * 24, "ff" * 32]).tolist() == [-1, 1]
    assert shortened([]).tolist() == []


def test_positions_of_those_that_were_seen():
    seen = shortened(DIGESTS[10:20])
    assert among(DIGESTS[5:12], seen) == [5, 6]
    assert among(DIGESTS[:5], seen) == []
    assert among([], seen) == among(DIGESTS, NOTHING) == []
    same_start = DIGESTS[10][:16] + "0" * 48
    assert among([same_start], seen) == [0], "eight bytes tell"
    other_end = DIGESTS[10][:15] + ("1" if DIGESTS[10][15] == "0" else "0") + "0" * 48
    assert among([other_end], seen) == []


def test_a_folder_is_read_as_it_was_written(tmp_path):
    seen = shortened(DIGESTS)
    (tmp_path / SEEN).write_bytes(contents(seen))
    np.testing.assert_array_equal(read(tmp_path), seen)
    assert (tmp_path / SEEN).stat().st_size < 8 * 50 + 200


def test_a_folder_that_says_nothing_has_seen_nothing(tmp_path, tiny_base):
    assert read(tmp_path).tolist() == []
    assert load_base(str(tiny_base)).seen.tolist() == []


@pytest.mark.parametrize("left", [b"", b"no safetensors", contents(shortened(DIGESTS))[:-9]])
def test_a_file_that_cannot_be_read_is_an_error_not_nothing(tmp_path, left):
    (tmp_path / SEEN).write_bytes(left)
    with pytest.raises(BaseError, match="cannot be read") as caught:
        read(tmp_path)
    assert caught.value.hint


def test_a_file_without_the_list_is_an_error(tmp_path):
    (tmp_path / SEEN).write_bytes(save({"other": np.zeros(3)}))
    with pytest.raises(BaseError, match="cannot be read"):
        read(tmp_path)


def test_every_familys_folder_brings_it_along(tiny_base, torchvision_folder, vit_folder, tmp_path):
    shipped = load_base("builtin/glyphs")
    assert shipped.seen.tolist() == []
    seen = shortened(DIGESTS)
    for number, folder in enumerate((tiny_base, torchvision_folder("resnet18")[0], vit_folder()[0])):
        copy = shutil.copytree(folder, tmp_path / str(number))
        (copy / SEEN).write_bytes(contents(seen))
        np.testing.assert_array_equal(load_base(str(copy)).seen, seen)


def test_it_is_fetched_from_the_hub_too(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(hub, "local", lambda repository: None)
    monkeypatch.setattr(
        hub, "snapshot_download", lambda name, allow_patterns: asked.extend(allow_patterns) or tmp_path
    )
    hub.fetch("someone/base")
    assert SEEN in asked


def test_a_bare_checkpoint_knows_what_lies_beside_it_not_what_its_architecture_saw(tiny_base, tmp_path):
    seen, foreign = shortened(DIGESTS), shortened(["00" * 32])
    network = shutil.copytree(tiny_base, tmp_path / "network")
    (network / SEEN).write_bytes(contents(foreign))
    weights = shutil.copytree(tiny_base, tmp_path / "weights")
    name = f"{network}@{weights / 'model.safetensors'}"
    assert load_base(name).seen.tolist() == []
    (weights / SEEN).write_bytes(contents(seen))
    np.testing.assert_array_equal(load_base(name).seen, seen)
