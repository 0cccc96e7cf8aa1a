"""The hub's cache is used without a network, and its absence is said at once."""

import json
import time
from fnmatch import fnmatch
from pathlib import Path

import pytest
import torch
import transformers
from huggingface_hub import constants
from safetensors.torch import load_file, save_file
from transformers.models.auto.tokenization_auto import TOKENIZER_MAPPING_NAMES

import detectors
import languages
import serial
from headstart.bases import load_base
from headstart.bases.formats import hub as _hub
from headstart.bases.formats.hub import fetch
from headstart.errors import BaseError


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


def _put(cache, repository, folder):
    """A repository as the hub's own cache keeps it: blobs and links to them."""
    home = cache / f"models--{repository.replace('/', '--')}"
    snapshot = home / "snapshots" / "0123456789abcdef0123456789abcdef01234567"
    for made in (snapshot, home / "refs", home / "blobs"):
        made.mkdir(parents=True)
    (home / "refs" / "main").write_text(snapshot.name)
    for number, file in enumerate(folder.iterdir()):
        blob = home / "blobs" / str(number)
        blob.write_bytes(file.read_bytes())
        (snapshot / file.name).symlink_to(blob)


@pytest.fixture
def waited(monkeypatch):
    """Seconds that were waited between attempts; none passes."""
    seconds = []
    monkeypatch.setattr(time, "sleep", seconds.append)
    return seconds


@pytest.mark.parametrize("name", ["hf/nobody/nothing", "timm/test_resnet.r160_in1k", "test_resnet"])
def test_offline_is_said_at_once_with_a_way_out(cache, offline, waited, name):
    with pytest.raises(BaseError, match="could not be fetched") as caught:
        load_base(name)
    assert "local folder" in caught.value.hint
    assert sum(waited) < 5


def test_a_server_that_does_not_answer_is_not_asked_for_minutes(cache, waited, monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(BaseError, match="could not be fetched"):
        fetch("nobody/nothing")
    assert sum(waited) < 5


@pytest.mark.parametrize("name", ["no-slash/and/two", "../../etc"])
def test_names_that_are_no_repositories(cache, offline, name):
    with pytest.raises(BaseError):
        fetch(name)


def test_the_cache_serves_every_format(cache, offline, vit_folder, timm_folder):
    _put(cache, "somebody/vit", vit_folder()[0])
    _put(cache, "somebody/resnet", timm_folder("test_resnet")[0])
    assert load_base("hf/somebody/vit").architecture.family == "transformers"
    assert load_base("hf/somebody/resnet").architecture.family == "timm"


def test_the_cache_serves_timms_names(cache, offline, timm_folder):
    _put(cache, "timm/test_resnet.r160_in1k", timm_folder("test_resnet")[0])
    base = load_base("timm/test_resnet.r160_in1k")
    assert base.receipt.fraction == 1
    assert base.card.input_size == 160


@pytest.fixture
def hub(cache, tmp_path, monkeypatch):
    """`hub("ORG/NAME", folder)` puts a folder there; downloads honour the patterns and are listed."""
    served, downloads = {}, []

    def download(repository, allow_patterns, **_):
        folder = served[repository]
        every = [file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()]
        wanted = [name for name in every if any(fnmatch(name, pattern) for pattern in allow_patterns)]
        to = tmp_path / "downloaded" / repository
        for name in wanted:
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            (to / name).write_bytes((folder / name).read_bytes())
        downloads.extend(wanted)
        return str(to)

    monkeypatch.setattr("headstart.bases.formats.hub.snapshot_download", download)
    served["downloads"] = downloads

    def put(repository, folder):
        served[repository] = folder
        return downloads

    return put


@pytest.mark.parametrize("kind", languages.KINDS)
def test_all_that_a_language_model_needs_is_fetched(hub, tmp_path, kind):
    folder, _ = languages.write(tmp_path / "made", kind)
    (folder / "README.md").write_text("words")
    (folder / "model.onnx").write_bytes(b"not ours")
    downloads = hub("somebody/text", folder)
    fetched, local = load_base("hf/somebody/text"), load_base(str(folder))
    assert fetched.preprocess == local.preprocess
    assert fetched.architecture == local.architecture
    assert not {"README.md", "model.onnx"} & set(downloads)


@pytest.mark.parametrize("kind", languages.TRANSLATORS)
def test_all_that_a_translator_needs_is_fetched(hub, tmp_path, kind):
    folder, _ = languages.write(tmp_path / "made", kind)
    hub("somebody/pairs", folder)
    fetched = load_base("hf/somebody/pairs", "translation")
    assert fetched.preprocess == load_base(str(folder), "translation").preprocess


def test_all_that_networks_for_pictures_need_is_fetched(hub, vit_folder, timm_folder):
    for name, folder in (("vit", vit_folder()[0]), ("resnet", timm_folder("test_resnet")[0])):
        hub(f"somebody/{name}", folder)
        fetched, local = load_base(f"hf/somebody/{name}"), load_base(str(folder))
        assert fetched.preprocess == local.preprocess
        assert fetched.card.sha256 == local.card.sha256


def test_a_tokenizer_without_tokenizer_json_is_fetched_too(hub, tmp_path):
    folder, _ = languages.write(tmp_path / "made", "bert")
    words = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("\n".join(sorted(words, key=words.__getitem__)), "utf-8")
    languages.note(folder / "tokenizer_config.json", {"tokenizer_class": "BertTokenizer"})
    downloads = hub("somebody/old", folder)
    assert load_base("hf/somebody/old").card.modality == "text"
    assert "vocab.txt" in downloads


def test_weights_in_several_files_are_fetched_and_joined(hub, tmp_path):
    folder, _ = languages.write(tmp_path / "made", "bert")
    whole = load_base(str(folder)).card.sha256
    state = load_file(folder / "model.safetensors")
    names = sorted(state)
    files = {name: f"model-0000{1 + i % 2}-of-00002.safetensors" for i, name in enumerate(names)}
    for file in set(files.values()):
        save_file({name: state[name] for name in names if files[name] == file}, folder / file)
    languages.note(folder / "model.safetensors.index.json", {"metadata": {}, "weight_map": files})
    (folder / "model.safetensors").unlink()
    hub("somebody/large", folder)
    assert load_base("hf/somebody/large").card.sha256 == load_base(str(folder)).card.sha256 == whole
    (folder / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(BaseError, match="lacks 1 of the 2 files"):
        load_base(str(folder))


def test_pickled_weights_are_fetched_only_where_there_are_no_others(hub, tmp_path):
    folder, _ = languages.write(tmp_path / "made", "bert")
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    downloads = hub("somebody/both", folder)
    load_base("hf/somebody/both")
    assert "pytorch_model.bin" not in downloads
    (folder / "model.safetensors").unlink()
    downloads = hub("somebody/older", folder)
    assert load_base("hf/somebody/older").receipt.fraction == 1
    assert "pytorch_model.bin" in downloads


@pytest.mark.parametrize("place", ["", "0_Transformer", "transformer"])
@pytest.mark.parametrize("pickled", [False, True], ids=["safetensors", "older"])
def test_all_that_a_sentence_encoder_needs_is_fetched(hub, tmp_path, place, pickled):
    folder = tmp_path / "made"
    languages.write(folder / place, "bert")
    sizes = {"in_features": languages.WIDTH, "out_features": 5, "bias": True}
    languages.note(folder / "2_Dense" / "config.json", sizes)
    draws = torch.Generator().manual_seed(1)
    dense = {"linear.weight": torch.randn(5, languages.WIDTH, generator=draws), "linear.bias": torch.ones(5)}
    save_file(dense, folder / "2_Dense" / "model.safetensors")
    languages.note(folder / "1_Pooling" / "config.json", {"pooling_mode": "cls"})
    kinds = ("Transformer", "Pooling", "Dense", "Normalize")
    places = (place, *(f"{number}_{kind}" for number, kind in enumerate(kinds[1:], 1)))
    ours = "sentence_transformers.models."
    listed = [{"path": path, "type": ours + kind} for path, kind in zip(places, kinds, strict=True)]
    languages.note(folder / "modules.json", listed)
    languages.note(folder / place / "sentence_bert_config.json", {"max_seq_length": 16})
    if pickled:
        for file in (folder / place, folder / "2_Dense"):
            torch.save(load_file(file / "model.safetensors"), file / "pytorch_model.bin")
            (file / "model.safetensors").unlink()
    hub("somebody/sentences", folder)
    fetched, local = load_base("hf/somebody/sentences"), load_base(str(folder))
    assert fetched.architecture == local.architecture
    assert fetched.architecture.args["pooling"] == "first"
    assert [spec["kind"] for spec in fetched.architecture.args["after"]] == ["dense", "normalize"]
    assert (fetched.preprocess, fetched.preprocess.window) == (local.preprocess, 16)
    assert fetched.card.sha256 == local.card.sha256
    assert fetched.receipt.fraction == 1


@pytest.mark.slow("d_fine", "rt_detr_v2")
@pytest.mark.parametrize("kind", detectors.KINDS)
def test_all_that_a_detector_needs_is_fetched(hub, tmp_path, kind):
    folder, _ = detectors.write(tmp_path / "made", kind)
    hub("somebody/finder", folder)
    fetched, local = load_base("hf/somebody/finder", "image"), load_base(str(folder), "image")
    assert fetched.preprocess == local.preprocess
    assert fetched.card.sha256 == local.card.sha256


def test_all_that_a_recurrent_network_needs_is_fetched(hub, tmp_path):
    (tmp_path / "made").mkdir()
    folder = languages.write_recurrent(tmp_path / "made")
    hub("somebody/lstm", folder)
    fetched, local = load_base("hf/somebody/lstm"), load_base(str(folder))
    assert fetched.preprocess == local.preprocess
    assert fetched.card.sha256 == local.card.sha256


def test_a_model_of_series_is_its_settings_and_weights(hub, tmp_path):
    folder = Path(serial.write_bolt(tmp_path / "made"))
    (folder / "README.md").write_text("words")
    downloads = hub("amazon/chronos-bolt-tiny", folder)
    fetched, local = load_base("hf/amazon/chronos-bolt-tiny", "series"), load_base(str(folder), "series")
    assert fetched.card.sha256 == local.card.sha256
    assert {*downloads} == {"config.json", "model.safetensors"}


def test_a_model_of_series_that_another_library_fetched_is_whole(cache, offline, tmp_path):
    folder = Path(serial.write_bolt(tmp_path / "made"))
    _put(cache, "amazon/chronos-bolt-tiny", folder)
    fetched = load_base("hf/amazon/chronos-bolt-tiny", "series")
    assert fetched.card.sha256 == load_base(str(folder), "series").card.sha256


def test_changes_to_a_base_are_fetched_so_far_that_they_can_be_told(hub, tmp_path):
    languages.note(tmp_path / "made" / "adapter_config.json", {"peft_type": "LORA"})
    save_file({"a": torch.ones(2)}, tmp_path / "made" / "adapter_model.safetensors")
    hub("somebody/changes", tmp_path / "made")
    with pytest.raises(BaseError, match="LORA"):
        load_base("hf/somebody/changes")


def test_every_file_that_the_librarys_tokenizers_are_made_of_is_fetched():
    """But for those that only Python code reads."""
    known = [getattr(transformers, name) for name in {*TOKENIZER_MAPPING_NAMES.values()} if name]
    fast = [one for one in known if issubclass(one, transformers.PreTrainedTokenizerFast)]
    files = {file for one in fast for file in one.vocab_files_names.values()}
    assert {"tokenizer.json", "vocab.json", "spiece.model"} <= files
    patterns = (*_hub.VOCABULARIES, *_hub.SETTINGS)
    assert not [file for file in files if not any(fnmatch(file, one) for one in patterns)]
