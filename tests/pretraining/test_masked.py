"""What is hidden of a text: how much, what never, and the same each time outside of training."""

from __future__ import annotations

import json

import pytest
import torch
from transformers import AutoModel

import languages
from headstart.bases import load_base
from headstart.errors import BaseError
from headstart.pretraining.masked import Hiding, plugin
from makings import make

SPECIAL = torch.tensor([True, True, *[False] * 98])


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """`written(kind)`: the folder of a tiny model."""
    return lambda kind: str(languages.write(tmp_path_factory.mktemp(kind) / "base", kind)[0])


@pytest.fixture(scope="module")
def heap(tmp_path_factory):
    """Lines of a text file."""
    file = tmp_path_factory.mktemp("heap") / "corpus.txt"
    file.write_text("\n".join(line for topic in languages.TOPICS for line in languages.sentences(topic, 8)))
    return file


def test_as_much_is_hidden_replaced_and_left_as_in_bert():
    numbers = torch.randint(2, 100, (200, 200), generator=torch.Generator().manual_seed(0))
    shown, asked, wanted = Hiding(1, SPECIAL).train()(numbers, numbers < 98)
    assert torch.equal(wanted, numbers)
    assert not asked[numbers >= 98].any(), "nothing where there is no text"
    assert torch.equal(shown[~asked], numbers[~asked])
    assert float(asked[numbers < 98].float().mean()) == pytest.approx(0.15, abs=0.01)
    hidden, same = (shown[asked] == 1).float().mean(), (shown == numbers)[asked].float().mean()
    assert float(hidden) == pytest.approx(0.8, abs=0.02)
    assert float(same) == pytest.approx(0.1, abs=0.02)


def test_special_tokens_are_never_guessed_nor_put_in():
    lesson = Hiding(1, SPECIAL).train()
    shown, asked, _ = lesson(torch.zeros(50, 50, dtype=torch.long), torch.ones(50, 50, dtype=torch.bool))
    assert not asked.any()
    assert not shown.any()
    assert lesson.words.tolist() == list(range(2, 100))


def test_other_words_are_hidden_each_time_but_the_same_when_it_is_measured():
    numbers = torch.randint(2, 100, (9, 30), generator=torch.Generator().manual_seed(0))
    lesson, there = Hiding(1, SPECIAL), numbers >= 0
    before = torch.random.get_rng_state()
    first, again = (lesson.eval()(numbers, there)[1] for _ in range(2))
    assert torch.equal(first, again)
    assert torch.equal(torch.random.get_rng_state(), before)
    first, again = (lesson.train()(numbers, there)[1] for _ in range(2))
    assert not torch.equal(first, again)


def test_a_decoder_and_a_tokenizer_without_a_hidden_word_are_refused(written):
    for kind, message, hint in (
        ("gpt2", "left to right", "--method causal"),
        ("t5", "no token that stands for a hidden word", "causal"),
    ):
        base = load_base(written(kind), "text")
        with pytest.raises(BaseError, match=message) as caught:
            plugin.around(base.network(), base.preprocess)
        assert hint in caught.value.hint


@pytest.mark.parametrize("kind", ["minilm", "roberta"])
def test_what_comes_out_is_a_folder_of_the_same_format(written, heap, tmp_path, kind):
    base = load_base(written(kind), "text")
    made = make(heap, tmp_path / "base", "masked", base=base.name, task="text_classification", epochs=1)
    again = load_base(str(made.folder), "text")
    assert (again.architecture, again.preprocess.window) == (base.architecture, base.preprocess.window)
    assert json.loads(again.preprocess.tokenizer) == json.loads(base.preprocess.tokenizer)
    assert again.receipt.fraction == 1
    assert len(again.seen) == made.record["trained_on"] == 24
    with languages.quiet():
        network = AutoModel.from_pretrained(made.folder).eval()
    numbers = languages.tokens(again.preprocess)[4:5]
    numbers = numbers[numbers >= 0]
    with torch.no_grad():
        mean = languages.plain(network, numbers).mean(0)
        torch.testing.assert_close(again.network()(numbers[None])[0], mean, rtol=1e-4, atol=1e-5)


def test_it_learns(heap, written, tmp_path):
    start = {"architecture": written("bert"), "size": None, "task": "text_classification"}
    made = make(heap, tmp_path / "base", "masked", epochs=40, **start)
    losses = made.record["losses"]["train"]
    assert sum(losses[-4:]) / 4 < 0.9 * losses[0]
