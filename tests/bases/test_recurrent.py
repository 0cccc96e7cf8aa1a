"""A recurrent network on word vectors: padding changes nothing, and random LSTMs leave useful features."""

from __future__ import annotations

import pytest
import torch

import languages
from headstart.bases import load_base
from headstart.bases.recurrent import NAME, BiLstm, plugin
from headstart.errors import BaseError
from headstart.types import Architecture


@pytest.fixture(scope="module")
def vectors(tmp_path_factory):
    return languages.write_vectors(tmp_path_factory.mktemp("vectors") / "glove@home.txt")


@pytest.fixture(scope="module")
def base(vectors):
    return load_base(f"{NAME}@{vectors}", "text")


def outputs(network, numbers):
    with torch.no_grad():
        return network(numbers)


def test_a_padded_text_gives_what_it_gives_alone(base):
    network, numbers = base.network(), languages.tokens(base.preprocess)
    together = outputs(network, numbers)
    for row, features in zip(numbers, together, strict=True):
        torch.testing.assert_close(outputs(network, row[row >= 0][None])[0], features, rtol=1e-5, atol=1e-6)


def test_a_layer_reads_from_both_ends():
    torch.manual_seed(0)
    network, h = BiLstm(9, 4, hidden=3, depth=1), 3
    numbers = torch.tensor([[2, 3, 4, 5], [2, 3, 4, 6], [7, 3, 4, 5]])
    with torch.no_grad():
        one, later, earlier = network.states(numbers, numbers >= 0)[:, 1]
    onward, back = slice(4, 4 + h), slice(4 + h, None)
    assert torch.equal(one[:4], network.vectors.weight[3])
    assert torch.equal(one[onward], later[onward])
    assert not torch.equal(one[back], later[back]), "what comes after a word"
    assert torch.equal(one[back], earlier[back])
    assert not torch.equal(one[onward], earlier[onward]), "what comes before it"


def test_features_begin_with_the_mean_word_vector(base, vectors):
    rows = dict(line.split(" ", 1) for line in vectors.read_text().splitlines())
    expected = torch.tensor([[float(x) for x in rows[word].split()] for word in ("ship", "sea")]).mean(0)
    numbers = languages.tokens(base.preprocess, ("Ship SEA",))
    torch.testing.assert_close(outputs(base.network(), numbers)[0, :12], expected, rtol=1e-4, atol=1e-5)


def test_the_receipt_says_that_the_lstms_are_random(base):
    assert [name for name, _ in base.receipt.loaded] == ["vectors.weight"]
    assert len(base.receipt.fresh) == 16
    assert base.card.source_data == "word vectors of glove@home.txt"
    assert base.card.stages == ("layers.0",)


def test_a_word_of_zeros_is_no_end_of_a_text(tmp_path):
    file = tmp_path / "v.txt"
    file.write_text("".join(f"word{number} {number} {number}\n" for number in range(12)))
    assert load_base(f"{NAME}@{file}").state["vectors.weight"].any(1).all()


def test_vectors_of_hardly_any_words_are_refused(tmp_path):
    (tmp_path / "v.txt").write_text("a 0 0\nb 1 2\n")
    with pytest.raises(BaseError, match="holds 2 words"):
        load_base(f"{NAME}@{tmp_path / 'v.txt'}")


def test_what_has_no_weights_or_wrong_settings_says_so():
    with pytest.raises(BaseError, match="without weights") as caught:
        load_base(NAME, "text")
    assert "pretrain" in caught.value.hint
    with pytest.raises(BaseError, match="cannot be built"):
        plugin.build(Architecture("recurrent", "bilstm", {"width": 3}))


def test_a_missing_file_of_vectors_is_said(tmp_path):
    with pytest.raises(BaseError, match="there is no file"):
        load_base(f"{NAME}@{tmp_path / 'gone.txt'}")
