"""A sentence encoder's row is made as its folder declares it, by old names and new; or it is refused."""

import json

import pytest
import torch
from safetensors.torch import save_file

import languages
from headstart.bases import load_base
from headstart.bases.formats import modules
from headstart.errors import BaseError
from languages import WIDTH, note, tokens

NEW = {"cls": "first", "mean": "mean", "max": "max", "lasttoken": "last", "weightedmean": "weighted"}
OURS = "sentence_transformers.models."


def by_hand(states, mode):
    """(L, d) states of one text as its row."""
    places = torch.arange(1, len(states) + 1).float()[:, None]
    return {
        "cls": states[0],
        "mean": states.mean(0),
        "max": states.max(0).values,
        "lasttoken": states[-1],
        "weightedmean": (states * places).sum(0) / places.sum(),
        "mean_sqrt_len_tokens": states.sum(0) / len(states) ** 0.5,
    }[mode]


@pytest.fixture
def bert(tmp_path):
    """A folder that a test may change, and the network as it was written."""
    return languages.write(tmp_path / "bert", "bert")


def listed(folder, *kinds):
    """Write `modules.json` of a transformer, a pooling and more."""
    steps = [
        ("", "Transformer"),
        ("1_Pooling", "Pooling"),
        *((f"{i + 2}_{one}", one) for i, one in enumerate(kinds)),
    ]
    note(
        folder / "modules.json",
        [
            {"idx": i, "name": str(i), "path": path, "type": OURS + kind}
            for i, (path, kind) in enumerate(steps)
        ],
    )


def features(folder):
    base = load_base(str(folder))
    numbers = tokens(base.preprocess)
    with torch.no_grad():
        return base.network()(numbers), numbers


def expected(network, numbers, mode):
    return torch.stack([by_hand(languages.plain(network, row[row >= 0]), mode) for row in numbers])


@pytest.mark.parametrize("mode", NEW)
@pytest.mark.parametrize("listing", [True, False], ids=["modules.json", "folder alone"])
def test_pooling_is_the_declared_one_by_its_new_name(bert, mode, listing):
    folder, network = bert
    note(folder / "1_Pooling" / "config.json", {"embedding_dimension": WIDTH, "pooling_mode": mode})
    if listing:
        listed(folder)
    found, numbers = features(folder)
    torch.testing.assert_close(found, expected(network, numbers, mode), rtol=0, atol=1e-5)


@pytest.mark.parametrize(("key", "mode"), modules.OLD.items())
def test_pooling_is_the_declared_one_by_its_old_name(bert, key, mode):
    folder, network = bert
    said = {name: name == key for name in modules.OLD}
    note(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": WIDTH, **said})
    found, numbers = features(folder)
    torch.testing.assert_close(found, expected(network, numbers, mode), rtol=0, atol=1e-5)


def test_several_poolings_are_put_side_by_side(bert):
    folder, network = bert
    note(
        folder / "1_Pooling" / "config.json",
        {"pooling_mode_cls_token": True, "pooling_mode_max_tokens": True},
    )
    found, numbers = features(folder)
    both = [expected(network, numbers, mode) for mode in ("cls", "max")]
    torch.testing.assert_close(found, torch.cat(both, 1), rtol=0, atol=1e-5)
    assert load_base(str(folder)).card.width == 2 * WIDTH


def test_dense_layers_and_a_normalisation_follow(bert):
    folder, network = bert
    draws = torch.Generator().manual_seed(1)
    weight, bias = torch.randn(5, WIDTH, generator=draws), torch.randn(5, generator=draws)
    note(folder / "1_Pooling" / "config.json", {"pooling_mode_mean_tokens": True})
    activation = "torch.nn.modules.activation.Tanh"
    sizes = {"in_features": WIDTH, "out_features": 5, "bias": True, "activation_function": activation}
    note(folder / "2_Dense" / "config.json", sizes)
    save_file({"linear.weight": weight, "linear.bias": bias}, folder / "2_Dense" / "model.safetensors")
    (folder / "3_Normalize").mkdir()
    listed(folder, "Dense", "Normalize")
    found, numbers = features(folder)
    rows = torch.tanh(expected(network, numbers, "mean") @ weight.T + bias)
    torch.testing.assert_close(found, rows / rows.norm(dim=1, keepdim=True), rtol=0, atol=1e-5)
    assert load_base(str(folder)).receipt.fresh == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda folder: note(folder / "1_Pooling" / "config.json", {"pooling_mode": "median"}),
            "pooling `median`",
        ),
        (lambda folder: listed(folder, "WeightedLayerPooling"), "step `WeightedLayerPooling`"),
        (lambda folder: listed(folder, "Dense"), "has no config.json"),
        (
            lambda folder: note(folder / "modules.json", [{"type": "custom.Module", "path": ""}]),
            "never run",
        ),
        (
            lambda folder: note(
                folder / "modules.json", [{"type": OURS + "Transformer", "path": "../other"}]
            ),
            "outside of its own",
        ),
        (lambda folder: note(folder / "modules.json", {"no": "list"}), "cannot be read"),
    ],
    ids=["pooling", "step", "no settings", "foreign code", "escape", "no list"],
)
def test_what_cannot_be_taken_as_it_is_meant_is_refused(bert, change, says):
    folder, _ = bert
    note(folder / "1_Pooling" / "config.json", {"pooling_mode": "mean"})
    change(folder)
    with pytest.raises(BaseError, match=says):
        load_base(str(folder))


def test_a_transformer_in_a_folder_of_its_own_is_found(bert, tmp_path):
    folder, network = bert
    whole = tmp_path / "old"
    whole.mkdir()
    folder.rename(whole / "0_Transformer")
    note(whole / "1_Pooling" / "config.json", {"pooling_mode_cls_token": True})
    note(
        whole / "modules.json",
        [
            {"type": OURS + "Transformer", "path": "0_Transformer"},
            {"type": OURS + "Pooling", "path": "1_Pooling"},
        ],
    )
    found, numbers = features(whole)
    torch.testing.assert_close(found, expected(network, numbers, "cls"), rtol=0, atol=1e-5)


def test_texts_are_lower_cased_and_cut_where_that_is_declared(bert):
    folder, _ = bert
    note(folder / "sentence_bert_config.json", {"max_seq_length": 16, "do_lower_case": True})
    base = load_base(str(folder))
    assert base.preprocess.window == 16
    assert json.loads(base.preprocess.tokenizer)["normalizer"]["normalizers"][0] == {"type": "Lowercase"}


def test_what_is_written_is_read_again(tmp_path):
    after = [
        {"kind": "dense", "inputs": 4, "outputs": 3, "bias": False, "activation": "Identity"},
        {"kind": "normalize"},
    ]
    for pooling in ("mean", "first+max", "last+first"):
        for name, content in modules.written(pooling, 4, after, 77).items():
            note(tmp_path / pooling / name, content)
        found = modules.read(tmp_path / pooling)
        assert (found.pooling, list(found.after), found.longest) == (pooling, after, 77)


@pytest.mark.parametrize("mode", [*NEW, "mean_sqrt_len_tokens", ["cls", "max"]], ids=str)
def test_features_are_those_that_the_library_itself_gives(bert, mode):
    library = pytest.importorskip("sentence_transformers")
    folder, _ = bert
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    note(folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", **special})
    note(folder / "sentence_bert_config.json", {"max_seq_length": 16, "do_lower_case": False})
    note(folder / "1_Pooling" / "config.json", {"embedding_dimension": WIDTH, "pooling_mode": mode})
    listed(folder, "Normalize")
    (folder / "2_Normalize").mkdir()
    with languages.quiet():
        theirs = library.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        expected = torch.from_numpy(theirs.encode(list(languages.SENTENCES)))
    torch.testing.assert_close(features(folder)[0], expected, rtol=0, atol=1e-5)
