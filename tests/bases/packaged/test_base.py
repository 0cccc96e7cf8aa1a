"""A record finds its package without importing it, and reads nothing that is not what it says."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from safetensors.torch import save_file

import packages
from headstart.bases.networks.glyphnet import GlyphNet
from headstart.bases.packaged.base import of_network, of_words
from headstart.errors import BaseError
from headstart.preprocessing.image import ImagePreprocess
from headstart.types import Offered


@pytest.fixture
def record(tmp_path, monkeypatch):
    """Of a small network in a package that is installed."""
    folder = tmp_path / "brought" / "model"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"architecture": "glyphnet", "input_size": [3, 32, 32]}))
    save_file(GlyphNet().state_dict(), folder / "model.safetensors")
    monkeypatch.syspath_prepend(tmp_path)
    return packages.write(tmp_path)


def test_a_base_is_found_in_its_package_without_importing_it(record, tmp_path):
    assert record.place() == tmp_path / "brought"
    found = record.locate("builtin/small")
    assert (found.architecture.name, found.licence, found.source_data) == ("glyphnet", "MIT", "noise")
    assert found.weights().keys() == GlyphNet().state_dict().keys()


@pytest.mark.parametrize("file", ["model/model.safetensors", "model/config.json"])
def test_one_changed_byte_is_refused_with_the_version_and_the_way_out(record, tmp_path, file):
    path = tmp_path / "brought" / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    about = tmp_path / "a_package_of_brought-7.8.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: a-package-of-brought\nVersion: 7.8\n")
    with pytest.raises(BaseError, match=f"{path.name} of the package a-package-of-brought 7.8") as caught:
        record.locate("builtin/small")
    assert record.files[file] in caught.value.message
    assert caught.value.hint.endswith("pip install --force-reinstall a-package-of-brought==1.2")


def test_a_file_that_is_gone_is_refused(record, tmp_path):
    (tmp_path / "brought" / "model" / "config.json").unlink()
    with pytest.raises(BaseError, match=r"config.json of the package .* \(of no known version\) is not"):
        record.locate("builtin/small")


def test_what_is_not_installed_gives_the_line_that_installs_it(record, tmp_path):
    (tmp_path / "brought" / "__init__.py").unlink()
    (tmp_path / "brought").rename(tmp_path / "gone")
    assert record.place() is None
    with pytest.raises(BaseError, match="`builtin/small` is not installed") as caught:
        record.locate("builtin/small")
    line = "pip install 'headstart[some]'"
    assert caught.value.hint == line
    assert record.offer("builtin/small") == Offered("builtin/small", "image", "noise", "MIT", 0.5, line)


def test_a_checkpoint_of_a_known_network(tmp_path):
    save_file({"stem.weight": torch.ones(1)}, tmp_path / "some.safetensors")
    preprocess = ImagePreprocess(48, (0.1, 0.2, 0.3), (1, 1, 1), "nearest", 0.5)
    opened = of_network("timm/test_resnet", "some.safetensors", preprocess, lambda: ("a", "b"))
    found = opened(tmp_path)
    assert (found.architecture.family, found.architecture.name) == ("timm", "test_resnet")
    assert (found.preprocess, found.labels) == (preprocess, ("a", "b"))
    assert found.weights().keys() == {"stem.weight"}


def test_word_vectors_for_a_network_that_takes_them(tmp_path):
    np.save(tmp_path / "rows.npy", np.ones((12, 3), np.float32))
    pq.write_table(pa.table({"index": [f"w{row}" for row in range(12)]}), tmp_path / "words.parquet")
    found = of_words("recurrent/bilstm", "rows.npy")(tmp_path)
    assert found.architecture.args["width"] == 3
    assert found.architecture.args["words"] == 14
