"""Vocabularies of a user's own texts, for networks that start from scratch, as `tokenizer.json` contents.

Words are what stands between spaces and punctuation, and each character of Chinese, lower-cased. Pieces are
made of bytes (byte-pair encoding: Sennrich et al., ACL 2016; over bytes: Radford et al., 2019), so that
nothing is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

OTHER, MASK = "[UNK]", "[MASK]"
"""Numbers 0 and 1 of words: any other word, and a word that is hidden."""
PAD, END = "<pad>", "</s>"
"""Numbers 0 and 1 of pieces."""


def of_words(words: Sequence[str]) -> str:
    """A tokenizer that knows these words, lower-cased already, as the numbers from 2 on."""
    numbers = {word: number for number, word in enumerate([OTHER, MASK, *words])}
    return _spaced(Tokenizer(models.WordLevel(numbers, unk_token=OTHER)))


def learned_words(texts: Iterable[str], most: int) -> str:
    """The same with the most frequent words of texts; `most` counts everything."""
    tokenizer = Tokenizer.from_str(of_words([]))
    trainer = trainers.WordLevelTrainer(vocab_size=most, special_tokens=[OTHER, MASK], show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return str(tokenizer.to_str())


def learned_pieces(texts: Iterable[str], most: int) -> str:
    """A tokenizer of byte pairs, `most` at most, that ends each text with END."""
    tokenizer: Any = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=most,
        special_tokens=[PAD, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single=f"$A {END}", special_tokens=[(END, 1)])
    return str(tokenizer.to_str())


def _spaced(tokenizer: Any) -> str:
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.BertNormalizer(lowercase=True)]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens([OTHER, MASK])
    return str(tokenizer.to_str())
