"""An export is written only when it answers the user's examples as the bundle does."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import onnx
import pytest
import torch
from torch import nn

import languages
from headstart.bases import load_base
from headstart.bases.passes import onnx as _onnx
from headstart.errors import DataError, ExportError, RunError, SettingsError
from headstart.preprocessing.translation import PairPreprocess
from headstart.shipping.bundles import bundle as bundles
from headstart.shipping.bundles import export as module
from headstart.shipping.bundles.export import export
from headstart.shipping.bundles.exported import Exported, current
from headstart.shipping.bundles.predict import Predictor
from pictures import write_folder
from texts import write_bundle

ADVICE = "predict goes on with PyTorch; report it with the name of the base"


@pytest.fixture
def bundle(finished, tmp_path) -> Path:
    """One that may be changed."""
    return shutil.copytree(finished.bundle, tmp_path / "bundle")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refuses(error: type[Exception], message: str, hint: str, *given: object, **more: object) -> None:
    with pytest.raises(error) as caught:
        export(*given, **more)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_it_writes_a_graph_and_what_was_measured(bundle, finished):
    before = files(bundle)
    found = export(bundle, finished.data)
    after = files(bundle)
    assert set(after) - set(before) == {"model.onnx", "export.json"}
    assert {name: after[name] for name in before} == before
    assert json.loads(after["export.json"]) == found
    digest = module.digest
    names = ("model.safetensors", "model.onnx")
    assert found["sha256"] == {name: digest(after[name]) for name in names}
    assert (found["n"], found["split"], found["opset"]) == (36, None, 17)
    assert 0 <= found["difference"] <= 1e-3
    assert found["metric"]["name"] == "accuracy"
    assert found["metric"]["difference"] == 0
    assert found["metric"]["pytorch"] == found["metric"]["onnxruntime"] > 0
    assert found["labels"] == ["circle", "square", "triangle"]
    assert found["inputs"] == {"name": "inputs", "type": "tensor(float)", "shape": ["n", 3, 32, 32]}
    assert found["outputs"] == {"name": "outputs", "type": "tensor(float)", "shape": ["n", 3]}
    assert found["preprocess"]["mean"] == [0.5, 0.5, 0.5]
    assert all(0 < seconds < 1 for seconds in found["seconds"].values())


def test_the_graph_is_valid_onnx_and_the_same_each_time(bundle, finished):
    export(bundle, finished.data)
    first = files(bundle)["model.onnx"]
    onnx.checker.check_model(onnx.load_from_string(first), full_check=True)
    export(bundle, finished.data)
    assert files(bundle)["model.onnx"] == first


def spoiled(monkeypatch, change) -> None:
    """Plant an exporter that writes another network than it is given."""

    def wrong(network: nn.Module, *more: object) -> bytes:
        other = copy.deepcopy(network)
        with torch.no_grad():
            change(other[1])
        return _onnx.export(other, *more)

    monkeypatch.setattr(module, "as_onnx", wrong)


def test_other_outputs_are_refused_and_no_file_is_left(bundle, finished, monkeypatch, tmp_path):
    before = files(bundle)
    spoiled(monkeypatch, lambda head: head.weight.mul_(1.5))
    with pytest.raises(ExportError) as caught:
        export(bundle, finished.data, out=tmp_path / "mine.onnx")
    first, rest = caught.value.message.split(" differ by ")
    assert first == "the exported graph does not answer as the bundle does: on 36 examples its outputs"
    apart, end = rest.split(" ", 1)
    assert 1e-3 < float(apart) <= 0.6
    assert end == "of the largest, and 1e-03 is allowed"
    assert caught.value.hint == f"nothing was written; {ADVICE}"
    assert files(bundle) == before
    assert not (tmp_path / "mine.onnx").exists()


def test_another_metric_is_refused_where_the_outputs_hardly_differ(bundle, finished, monkeypatch):
    before = files(bundle)
    spoiled(monkeypatch, lambda head: head.weight.zero_())
    monkeypatch.setattr(module, "LARGEST", 1e9)
    right = right_of(bundle, finished)
    message = (
        "the exported graph does not answer as the bundle does: on 36 examples its accuracy is "
        f"0.3333 instead of {right:.4f}, and a difference of 0.001 is allowed"
    )
    refuses(ExportError, message, f"nothing was written; {ADVICE}", bundle, finished.data)
    assert files(bundle) == before


def right_of(folder: Path, finished) -> float:
    """The accuracy on all of the data."""
    pictures = sorted(finished.data.rglob("*.png"))
    records = Predictor(folder).predict(pictures)
    return sum(one["label"] == path.parent.name for one, path in zip(records, pictures, strict=True)) / 36


def test_what_is_not_a_number_is_refused(bundle, finished, monkeypatch):
    spoiled(monkeypatch, lambda head: head.bias.fill_(float("nan")))
    with pytest.raises(ExportError, match="differ by nan of the largest"):
        export(bundle, finished.data)


def test_a_refusal_takes_an_earlier_export_away(bundle, finished, monkeypatch):
    export(bundle, finished.data)
    spoiled(monkeypatch, lambda head: head.weight.mul_(2))
    with pytest.raises(ExportError):
        export(bundle, finished.data)
    assert not {"model.onnx", "export.json"} & set(files(bundle))
    assert not isinstance(Predictor(bundle).network, Exported)


def test_a_graph_that_takes_one_size_of_batch_only_is_refused(bundle, finished, monkeypatch):
    before = files(bundle)
    monkeypatch.setattr(_onnx, "_free", lambda example, tensor: {})
    with pytest.raises(ExportError, match="^the exported graph cannot run: ") as caught:
        export(bundle, finished.data)
    assert caught.value.hint == ADVICE
    assert files(bundle) == before


def test_a_network_that_is_no_graph_is_refused(bundle, finished, monkeypatch):
    class Odd(nn.Module):
        def forward(self, inputs):
            return torch.linalg.eigvals(inputs[:, 0]).real[:, :3]

    read = bundles.read
    monkeypatch.setattr(bundles, "read", lambda folder: (read(folder)[0], Odd()))
    with pytest.raises(ExportError, match="^the network cannot be written as ONNX: .+") as caught:
        export(bundle, finished.data)
    assert caught.value.hint == ADVICE
    monkeypatch.setattr(module, "as_onnx", lambda *_: b"no graph")
    with pytest.raises(ExportError, match="cannot be written"):
        export(bundle, finished.data)


def test_validation_is_compared_else_test_else_all_else_training(bundle, tmp_path):
    for splits, wanted in (
        (("train", "valid", "test"), "validation"),
        (("train", "test"), "test"),
        (("train",), "train"),
    ):
        data = write_folder(tmp_path / "-".join(splits), per_class=2, splits=splits)
        found = export(bundle, data)
        assert (found["split"], found["n"]) == (wanted, 6)


def test_a_thousand_examples_at_most_are_compared(bundle, finished, monkeypatch):
    assert module.MOST == 1000
    monkeypatch.setattr(module, "MOST", 5)
    assert export(bundle, finished.data)["n"] == 5


def test_without_labels_or_with_others_only_the_outputs_are_compared(bundle, finished, tmp_path):
    (tmp_path / "heap").mkdir()
    for path in sorted(finished.data.rglob("*.png"))[:4]:
        shutil.copy(path, tmp_path / "heap")
    found = export(bundle, tmp_path / "heap")
    assert (found["n"], found["metric"]) == (4, None)
    assert isinstance(current(bundle), Exported)
    other = write_folder(tmp_path / "other", ("cats", "dogs"), per_class=2)
    found = export(bundle, other)
    assert (found["n"], found["metric"]) == (4, None)


def test_the_graph_is_copied_and_nothing_is_overwritten(bundle, finished, tmp_path):
    mine = tmp_path / "mine.onnx"
    export(bundle, finished.data, out=str(mine))
    assert mine.read_bytes() == files(bundle)["model.onnx"]
    before = files(bundle)
    refuses(
        *(RunError, f"{mine} is there already", "remove it, or choose another --out"),
        *(bundle, finished.data),
        out=mine,
    )
    away = tmp_path / "no" / "such.onnx"
    message = f"{away} cannot be written: its folder does not exist"
    refuses(RunError, message, "choose another --out", bundle, finished.data, out=away)
    assert files(bundle) == before


def test_what_cannot_be_written_is_said(bundle, finished, monkeypatch):
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_atomically", full)
    message = f"{bundle / 'model.onnx'} cannot be written: No space left on device"
    refuses(RunError, message, "check its folder", bundle, finished.data)


def test_a_wrong_question_is_answered_before_anything_is_read(tmp_path):
    refuses(
        SettingsError,
        "there is no format `tflite` to export to",
        "the formats are: --to onnx",
        *(tmp_path / "nothing", tmp_path),
        to="tflite",
    )
    refuses(
        SettingsError,
        "an export needs --data: it is written only after it answered examples as the bundle does",
        "give the data that the bundle was trained on, or others of its task: --data FOLDER",
        tmp_path / "nothing",
    )


def test_data_that_are_none_are_refused(bundle, tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        export(bundle, tmp_path / "nothing")
    (tmp_path / "broken" / "circle").mkdir(parents=True)
    (tmp_path / "broken" / "circle" / "one.png").write_text("no picture")
    with pytest.raises(DataError, match="no example that can be used"):
        export(bundle, tmp_path / "broken")
    assert "model.onnx" not in files(bundle)


def test_a_bundle_that_translates_is_refused(monkeypatch, tmp_path):
    about = {"preprocess": PairPreprocess("{}", 8, 8), "facts": {}, "head": None}
    parts = SimpleNamespace(task="translation", **about)
    monkeypatch.setattr(bundles, "read", lambda folder: (parts, None))
    refuses(
        SettingsError,
        "this bundle for translation cannot be exported: it writes its answers word by word, "
        "and a graph is one pass of the network",
        "predict with the bundle itself; only answers of one pass are exported",
        *(tmp_path, tmp_path),
    )


def test_texts_of_any_length_are_answered_the_same(tmp_path):
    folder, data = write_bundle(tmp_path / "bundle"), tmp_path / "t.csv"
    data.write_text("text,label\nlovely songs,good\nso dull and cold,bad\nwarm,good\nawful,bad\n")
    texts = ["lovely", "dull " * 40, "unheard-of", "warm heart"]
    before = list(Predictor(folder).asked(texts))
    found = export(folder, data)
    assert (found["n"], found["metric"]["onnxruntime"], found["modality"]) == (4, 1.0, "text")
    assert found["inputs"]["shape"] == ["n", "length"]
    assert "tokenizer" not in found["preprocess"]
    predictor = Predictor(folder)
    assert isinstance(predictor.network, Exported)
    for one, other in zip(before, predictor.asked(texts), strict=True):
        assert one["label"] == other["label"]
        assert one["probability"] == pytest.approx(other["probability"], rel=1e-5)


@pytest.mark.parametrize("chunks", [1, 3])
def test_a_bert_takes_texts_of_one_chunk_and_of_several(tmp_path, chunks):
    languages.write(tmp_path / "bert", "bert")
    base = load_base(str(tmp_path / "bert"))
    preprocess = base.preprocess.at(chunks * base.preprocess.window)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        head = nn.Linear(base.card.width, 2)
    parts = bundles.Parts(
        "text_classification", base.architecture, preprocess, ("a", "b"), base.card.width, {}
    )
    bundles.write(tmp_path / "bundle", parts, base.network(), head)
    words = languages.SENTENCES
    texts = [words[0], words[1].split()[0], " ".join(words[:30]), " ".join(words[:90])]
    rows = [f'"{text}",{"ab"[row % 2]}\n' for row, text in enumerate(texts)]
    (tmp_path / "t.csv").write_text("text,label\n" + "".join(rows))
    found = export(tmp_path / "bundle", tmp_path / "t.csv")
    assert (found["n"], found["metric"]["difference"]) == (4, 0.0)
    assert found["difference"] < 1e-4
