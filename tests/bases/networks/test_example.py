"""One example of noise for each modality, the same each time."""

import torch

import languages
from headstart.bases.networks.example import example
from headstart.bases.networks.ragged import LENGTH
from headstart.preprocessing.image import ImagePreprocess
from headstart.preprocessing.text import TextPreprocess

PICTURE = ImagePreprocess(24, (0.5,) * 3, (0.5,) * 3)
TEXT = TextPreprocess(languages.word_pieces().to_str(), 40, 40)


def test_a_picture_has_the_size_of_the_preprocessing():
    assert example(PICTURE).shape == (1, 3, 24, 24)
    assert example(PICTURE).std() > 0.5


def test_a_text_is_of_one_length_whatever_the_window():
    for size in (8, 40, 400):
        found = example(TEXT.at(size))
        assert found.shape == (1, LENGTH)
        assert found.dtype == torch.int64
        assert ((found >= 0) & (found < 10)).all(), "every vocabulary has as many"


def test_it_repeats_and_leaves_the_generator_alone():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    assert torch.equal(example(PICTURE), example(PICTURE))
    assert torch.equal(example(TEXT), example(TEXT))
    assert torch.equal(torch.get_rng_state(), before)
