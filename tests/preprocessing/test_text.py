"""How a text becomes an input: written with its tokenizer beside it, read again, and told."""

import json

import pytest

from headstart.preprocessing.text import LENGTH, TOKENIZER, WORDS, TextPreprocess, plugin

PLAIN = TextPreprocess('{"a tokenizer": "é"}', 512, 64)


def test_what_is_written_is_read_again(tmp_path):
    fields, files = PLAIN.plain()
    assert files.keys() == {TOKENIZER}
    assert "tokenizer" not in fields
    (tmp_path / TOKENIZER).write_bytes(files[TOKENIZER])
    assert plugin.read(json.loads(json.dumps(fields)), tmp_path) == PLAIN


def test_without_its_tokenizer_it_is_damaged(tmp_path):
    with pytest.raises(OSError, match=TOKENIZER):
        plugin.read(PLAIN.plain()[0], tmp_path)


def test_noise_is_of_few_words_in_a_length_that_no_layer_has():
    assert PLAIN.example() == ((1, LENGTH), WORDS)
    assert PLAIN.modality == "text"
    assert PLAIN.identity["tokenizer"] != TextPreprocess("{}", 512, 64).identity["tokenizer"]
