"""Texts become the numbers that the model's makers gave them, from whatever files they left."""

import json

import pytest
from tokenizers import Tokenizer

import languages
from headstart.bases import load_base
from headstart.bases.formats import tokenizer as _tokenizer
from headstart.data.texts.store import tokenised
from headstart.errors import BaseError
from headstart.preprocessing.text import TextPreprocess


@pytest.fixture
def pieces(tmp_path):
    """A folder with a `tokenizer.json` and nothing else."""
    languages.word_pieces().save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def vocabulary(tokenizer):
    return [token for token, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]


def test_a_tokenizer_is_taken_as_it_is(pieces):
    found = _tokenizer.read(pieces, 40)
    assert found == TextPreprocess((pieces / "tokenizer.json").read_text("utf-8"), 40, 40)
    original = languages.word_pieces()
    for row, text in zip(tokenised(languages.SENTENCES, found), languages.SENTENCES, strict=True):
        assert row[row >= 0].tolist() == original.encode(text).ids


@pytest.mark.parametrize(
    ("said", "window"), [({}, 40), ({"model_max_length": 24}, 24), ({"model_max_length": 1e30}, 40)]
)
def test_its_settings_may_shorten_the_window(pieces, said, window):
    languages.note(pieces / "tokenizer_config.json", said)
    found = _tokenizer.read(pieces, 40)
    assert (found.window, found.size) == (window, window)


def test_what_is_written_is_read_back(pieces, tmp_path):
    found = _tokenizer.read(pieces, 24)
    for name, content in _tokenizer.written(found).items():
        languages.note(tmp_path / "again" / name, content)
    again = _tokenizer.read(tmp_path / "again", 40)
    assert json.loads(again.tokenizer) == json.loads(found.tokenizer)
    assert (again.window, again.size) == (24, 24)
    assert (tokenised(languages.SENTENCES, again) == tokenised(languages.SENTENCES, found)).all()


def test_an_old_vocabulary_of_words_is_read(tmp_path):
    folder, _ = languages.write(tmp_path / "bert", "bert")
    expected = load_base(str(folder))
    (folder / "tokenizer.json").unlink()
    words = vocabulary(languages.word_pieces())
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", "utf-8")
    languages.note(folder / "tokenizer_config.json", {"do_lower_case": True})
    base = load_base(str(folder))
    rows = [tokenised(languages.SENTENCES, one.preprocess) for one in (base, expected)]
    assert (rows[0] == rows[1]).all()


def test_an_old_vocabulary_of_byte_pairs_is_read(tmp_path):
    folder, _ = languages.write(tmp_path / "gpt2", "gpt2")
    expected = load_base(str(folder))
    settings = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]
    (folder / "tokenizer.json").unlink()
    languages.note(folder / "vocab.json", settings["vocab"])
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in settings["merges"]]
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n", "utf-8")
    base = load_base(str(folder))
    rows = [tokenised(languages.SENTENCES, one.preprocess) for one in (base, expected)]
    assert (rows[0] == rows[1]).all()


def test_without_a_tokenizer_nothing_is_invented(tmp_path):
    folder, _ = languages.write(tmp_path / "bert", "bert")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(BaseError, match=r"has no tokenizer\.json") as caught:
        load_base(str(folder))
    assert str(folder) in caught.value.message
    assert "vocab.txt" in caught.value.hint


@pytest.mark.parametrize("content", ["", "{}", "[1, 2]", "no json", '{"model": {"type": "Nobody"}}'])
def test_a_broken_tokenizer_is_a_clear_error(pieces, content):
    (pieces / "tokenizer.json").write_text(content)
    with pytest.raises(BaseError, match="its tokenizer cannot be read") as caught:
        _tokenizer.read(pieces, 40)
    assert caught.value.hint


def test_bytes_that_are_no_text_are_a_clear_error(pieces):
    (pieces / "tokenizer.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BaseError, match="its tokenizer cannot be read"):
        _tokenizer.read(pieces, 40)


def test_what_is_read_is_a_tokenizer_of_the_library(pieces):
    assert Tokenizer.from_str(_tokenizer.read(pieces, 40).tokenizer).get_vocab_size() > 50


def test_the_two_tokenizers_of_a_marian_are_told_with_a_way_out(tmp_path):
    folder, _ = languages.write(tmp_path / "marian", "marian")
    words = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab()
    (folder / "tokenizer.json").unlink()
    languages.note(folder / "vocab.json", words)
    for name in ("source.spm", "target.spm"):
        (folder / name).write_bytes(b"pieces")
    for modality in ("text", "translation"):
        with pytest.raises(BaseError, match=r"source\.spm and target\.spm") as refused:
            load_base(str(folder), modality)
        assert "hf/google-t5/t5-small" in refused.value.hint


def test_a_tokenizer_of_python_code_alone_is_named(tmp_path):
    folder, _ = languages.write(tmp_path / "bert", "bert")
    words = vocabulary(languages.word_pieces())
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("\n".join(f"{word} 1" for word in words) + "\n", "utf-8")
    (folder / "bpe.codes").write_text("a b 1\n", "utf-8")
    languages.note(folder / "tokenizer_config.json", {"tokenizer_class": "PhobertTokenizer"})
    with pytest.raises(BaseError, match="PhobertTokenizer cannot be made into one"):
        load_base(str(folder))


@pytest.mark.parametrize("name", ["tokenizer.json", "vocab.txt"])
def test_a_pointer_of_git_lfs_is_no_tokenizer(tmp_path, name):
    (tmp_path / name).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4\n")
    with pytest.raises(BaseError, match=f"{name} is a pointer of Git LFS"):
        _tokenizer.read(tmp_path, 40)
