"""Tiny language models with seeded random weights, as the hub has them, written by transformers itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from torch import Tensor, nn

from headstart import registry
from headstart.bases import load_base
from headstart.data.texts.store import tokenised
from headstart.preprocessing.text import TextPreprocess

SENTENCES = (
    "the old ship sails slowly over the grey sea",
    "a quick brown fox jumps over the lazy dog",
    "we loved this film, and would see it again",
    "the soup was cold; the waiter was rude",
    "rain",
    "she reads two books a week, and writes about them for a small paper in the north of the country",
    "good service and warm rooms",
    "never again!",
)
"""Texts of very different lengths, whose words the tokenizers know (training them breaks ties by chance)."""
WIDTH, LAYERS, WINDOW = 24, 2, 40
_DEEP = {
    "hidden_size": WIDTH,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 2,
    "initializer_range": 0.2,
}
_ENCODER = {**_DEEP, "intermediate_size": 36, "max_position_embeddings": WINDOW}
_ENDS = {"bos_token_id": 0, "eos_token_id": 2}
_BRACKETS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_ANGLES = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")


@dataclass(frozen=True)
class Kind:
    """One kind of model."""

    config: Callable[[int], Any]
    """Settings for so many tokens in the vocabulary."""
    model: str
    """Class of transformers whose checkpoint is written, output layer included."""
    tokenizer: Callable[[], Tokenizer]
    pooling: str
    """What is expected."""
    window: int = WINDOW
    """What is expected."""


def word_pieces() -> Tokenizer:
    """As BERT's: words in lower case and pieces of others, between [CLS] and [SEP]."""
    letters = sorted(set("abcdefghijklmnopqrstuvwxyz0123456789,;!.'"))
    pieces = [*_BRACKETS, *letters, *(f"##{letter}" for letter in letters)]
    known = dict.fromkeys([*pieces, *_words()])
    vocabulary = {piece: number for number, piece in enumerate(known)}
    tokenizer: Any = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(list(_BRACKETS))
    return _between(tokenizer, "[CLS]", "[SEP]")


def byte_pairs(first: str | None = "<s>", last: str | None = "</s>") -> Tokenizer:
    """As GPT-2's or RoBERTa's: pieces of bytes, perhaps between a first and a last token."""
    known = dict.fromkeys([*_ANGLES, *sorted(pre_tokenizers.ByteLevel.alphabet())])
    merges = {}
    for word in _words():
        for end in range(1, len(word)):
            merges[(word[:end], word[end])] = None
            known[word[: end + 1]] = None
    vocabulary = {piece: number for number, piece in enumerate(known)}
    tokenizer: Any = Tokenizer(models.BPE(vocabulary, list(merges)))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(_ANGLES))
    return _between(tokenizer, first, last)


def unigrams() -> Tokenizer:
    """As T5's: pieces of text, </s> after them."""
    special = ("<pad>", "</s>", "<unk>")
    letters = sorted(set("".join(SENTENCES)) - {" "})
    pieces = [("\u2581", -8.0), *((one, -9.0) for one in letters)]
    whole = [(f"\u2581{word}", -4.0) for word in _words()]
    tokenizer: Any = Tokenizer(models.Unigram([*((one, 0.0) for one in special), *pieces, *whole], 2))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(list(special))
    return _between(tokenizer, None, "</s>")


def _words() -> list[str]:
    return sorted({word.strip(",;!") for text in SENTENCES for word in text.split()} - {"a"})


def _between(tokenizer: Any, first: str | None, last: str | None) -> Tokenizer:
    names = [name for name in (first, last) if name]
    if names:
        single = " ".join(filter(None, [first, "$A", last]))
        special = [(name, tokenizer.token_to_id(name)) for name in names]
        tokenizer.post_processor = processors.TemplateProcessing(single=single, special_tokens=special)
    return tokenizer


KINDS = {
    "bert": Kind(
        lambda n: transformers.BertConfig(vocab_size=n, **_ENCODER), "BertForMaskedLM", word_pieces, "mean"
    ),
    "minilm": Kind(
        lambda n: transformers.BertConfig(vocab_size=n, **_ENCODER), "BertModel", word_pieces, "mean", 32
    ),
    "distilbert": Kind(
        lambda n: transformers.DistilBertConfig(
            vocab_size=n,
            dim=WIDTH,
            n_layers=LAYERS,
            n_heads=2,
            hidden_dim=36,
            max_position_embeddings=WINDOW,
            initializer_range=0.2,
        ),
        "DistilBertForMaskedLM",
        word_pieces,
        "mean",
    ),
    "roberta": Kind(
        lambda n: transformers.RobertaConfig(vocab_size=n, **{**_ENCODER, "max_position_embeddings": 514}),
        "RobertaForMaskedLM",
        byte_pairs,
        "mean",
        512,
    ),
    "deberta-v2": Kind(
        lambda n: transformers.DebertaV2Config(
            vocab_size=n,
            **_ENCODER,
            relative_attention=True,
            position_buckets=8,
            pos_att_type=["p2c", "c2p"],
            norm_rel_ebd="layer_norm",
            share_att_key=True,
            position_biased_input=False,
            type_vocab_size=0,
        ),
        "DebertaV2ForMaskedLM",
        word_pieces,
        "mean",
    ),
    "gpt2": Kind(
        lambda n: transformers.GPT2Config(
            vocab_size=n,
            n_embd=WIDTH,
            n_layer=LAYERS,
            n_head=2,
            n_positions=WINDOW,
            initializer_range=0.2,
            **_ENDS,
        ),
        "GPT2LMHeadModel",
        lambda: byte_pairs(None, None),
        "last",
    ),
    "llama": Kind(
        lambda n: transformers.LlamaConfig(vocab_size=n, **_ENCODER, num_key_value_heads=1, **_ENDS),
        "LlamaForCausalLM",
        lambda: byte_pairs("<s>", None),
        "last",
    ),
    "t5": Kind(
        lambda n: transformers.T5Config(
            vocab_size=n,
            d_model=WIDTH,
            d_kv=12,
            d_ff=36,
            num_layers=LAYERS,
            num_heads=2,
            decoder_start_token_id=0,
        ),
        "T5ForConditionalGeneration",
        unigrams,
        "mean",
        512,
    ),
    "bart": Kind(
        lambda n: transformers.BartConfig(
            vocab_size=n,
            d_model=WIDTH,
            encoder_layers=LAYERS,
            decoder_layers=1,
            encoder_attention_heads=2,
            decoder_attention_heads=2,
            encoder_ffn_dim=36,
            decoder_ffn_dim=36,
            max_position_embeddings=WINDOW,
            init_std=0.2,
        ),
        "BartForConditionalGeneration",
        byte_pairs,
        "mean",
    ),
    "modernbert": Kind(
        lambda n: transformers.ModernBertConfig(
            vocab_size=n,
            **_ENCODER,
            local_attention=8,
            global_attn_every_n_layers=2,
            pad_token_id=1,
            bos_token_id=0,
            eos_token_id=2,
            cls_token_id=0,
            sep_token_id=2,
        ),
        "ModernBertForMaskedLM",
        byte_pairs,
        "mean",
    ),
}
"""By name; the sizes avoid those that tracing tells a text by."""
_BOTH_WAYS = {
    "d_model": WIDTH,
    "encoder_layers": LAYERS,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 36,
    "decoder_ffn_dim": 36,
    "init_std": 0.2,
}
TRANSLATORS = {
    "t5": KINDS["t5"],
    "t5 untied": Kind(
        lambda n: transformers.T5Config(
            vocab_size=n,
            d_model=WIDTH,
            d_kv=12,
            d_ff=36,
            num_layers=LAYERS,
            num_heads=2,
            feed_forward_proj="gated-gelu",
            decoder_start_token_id=0,
            tie_word_embeddings=False,
        ),
        "T5ForConditionalGeneration",
        unigrams,
        "mean",
    ),
    "bart": KINDS["bart"],
    "marian": Kind(
        lambda n: transformers.MarianConfig(
            vocab_size=n,
            decoder_vocab_size=n,
            max_position_embeddings=48,
            pad_token_id=0,
            eos_token_id=1,
            bos_token_id=None,
            forced_eos_token_id=1,
            decoder_start_token_id=0,
            **_BOTH_WAYS,
        ),
        "MarianMTModel",
        unigrams,
        "mean",
    ),
    "mbart": Kind(
        lambda n: transformers.MBartConfig(
            vocab_size=n,
            max_position_embeddings=256,
            decoder_start_token_id=3,
            **_BOTH_WAYS,
        ),
        "MBartForConditionalGeneration",
        byte_pairs,
        "mean",
    ),
}
"""Encoder-decoders by name."""


def write(folder: Path, name: str, seed: int = 0) -> tuple[Path, nn.Module]:
    """A model folder of a kind, and the network as transformers made it."""
    kind = {**TRANSLATORS, **KINDS}[name]
    tokenizer = kind.tokenizer()
    config = kind.config(tokenizer.get_vocab_size())
    with torch.random.fork_rng(devices=[]), quiet():
        torch.manual_seed(seed)
        network = getattr(transformers, kind.model)(config).eval()
        if untied := name == "t5 untied":
            network.lm_head.weight = nn.Parameter(torch.randn_like(network.lm_head.weight))
        network.save_pretrained(folder)
    if untied:  # the hub's files are older than the library, which writes that all are tied
        settings = json.loads((folder / "config.json").read_text("utf-8"))
        note(folder / "config.json", {**settings, "tie_word_embeddings": False})
    tokenizer.save(str(folder / "tokenizer.json"))
    if name == "minilm":
        pooling = {"word_embedding_dimension": WIDTH, "pooling_mode_mean_tokens": True}
        note(folder / "1_Pooling" / "config.json", pooling)
        note(folder / "sentence_bert_config.json", {"max_seq_length": 32, "do_lower_case": False})
    return folder, network


def write_vectors(file: Path, width: int = 12) -> Path:
    """Vectors of the words of SENTENCES, as GloVe writes them."""
    draw = np.random.default_rng(0)
    rows = [f"{word} {' '.join(f'{number:.5f}' for number in draw.normal(size=width))}" for word in _words()]
    file.write_text("\n".join(rows) + "\n", "utf-8")
    return file


def write_recurrent(folder: Path) -> Path:
    """A folder with a recurrent network that knows the words of SENTENCES, as pre-training writes it."""
    base = load_base(f"recurrent/bilstm@{write_vectors(folder / 'vectors.txt')}")
    saved = registry.get("bases", "recurrent").save(base.architecture, base.preprocess, base.state, None)
    for name, settings in saved.settings.items():
        note(folder / name, settings)
    save_file(saved.state, folder / "model.safetensors")
    return folder


def note(file: Path, content: Any) -> None:
    """Write JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content), "utf-8")


class quiet:
    """No progress bars of transformers'."""

    def __enter__(self) -> None:
        self.bars = transformers.logging.is_progress_bar_enabled()
        transformers.logging.disable_progress_bar()

    def __exit__(self, *_: object) -> None:
        if self.bars:
            transformers.logging.enable_progress_bar()


def tokens(preprocess: TextPreprocess, texts: tuple[str, ...] = SENTENCES) -> Tensor:
    """(n, L) token numbers as a network takes them, -1 after the ends, L that of the longest."""
    rows = tokenised(texts, preprocess)
    length = int((rows >= 0).any(0).nonzero()[0].max()) + 1
    if preprocess.size > preprocess.window:
        length = -(-length // preprocess.window) * preprocess.window
    return torch.from_numpy(rows[:, :length].astype(np.int64))


def plain(network: Any, numbers: Tensor) -> Tensor:
    """(L, d) of the last layer for one text alone, by transformers itself and without any mask."""
    reader = network.base_model if hasattr(network, "base_model") else network
    reader = reader.get_encoder() if reader.config.is_encoder_decoder else reader
    with torch.no_grad():
        found: Tensor = reader(input_ids=numbers[None]).last_hidden_state[0]
    return found


TOPICS = {
    "cooking": ("soup", "bread", "oven", "salt", "butter", "onion"),
    "sailing": ("ship", "sail", "harbour", "wind", "anchor", "tide"),
    "weather": ("rain", "cloud", "storm", "snow", "fog", "thunder"),
}
"""Words by which a text's class can be told."""


def sentences(label: str, count: int, seed: int = 0) -> list[str]:
    """Made texts of a class, all different: some of its words among words of no class."""
    draw = np.random.default_rng([seed, sorted(TOPICS).index(label)])
    plain = ("the", "a", "old", "new", "we", "saw", "this", "was", "very", "and", "day", "one")
    found = []
    for number in range(count):
        words = [*draw.choice(TOPICS[label], 3), *draw.choice(plain, int(draw.integers(2, 15)))]
        found.append(" ".join(draw.permutation(words)) + f" {number}")
    return found


def write_pairs(folder: Path, train: int = 12, validation: int = 4) -> Path:
    """Line-aligned files of sentences, and the same backwards."""
    folder.mkdir()
    for seed, (split, count) in enumerate((("train", train), ("val", validation))):
        lines = [line for topic in TOPICS for line in sentences(topic, count, seed)]
        (folder / f"{split}.en").write_text("\n".join(lines) + "\n")
        turned = [" ".join(reversed(line.split())) for line in lines]
        (folder / f"{split}.de").write_text("\n".join(turned) + "\n")
    return folder


def write_texts(folder: Path, per_class: int = 6) -> Path:
    """Class folders of text files."""
    for label in TOPICS:
        (folder / label).mkdir(parents=True)
        for number, text in enumerate(sentences(label, per_class)):
            (folder / label / f"{number:03}.txt").write_text(text, "utf-8")
    return folder


def write_short_texts(folder: Path, per_class: int = 6) -> Path:
    """The same, of a few words that fit the window of every model here: their classes' words only."""
    for label, words in TOPICS.items():
        (folder / label).mkdir(parents=True)
        for number in range(per_class):
            text = f"{words[number % 6]} {words[(number // 6 + number + 1) % 6]} {number}"
            (folder / label / f"{number:03}.txt").write_text(text, "utf-8")
    return folder


def toy_pairs(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Sentences and their translations into a language that has the same order and other words."""
    draw = np.random.default_rng(seed)
    words = [word for word in _words() if "'" not in word]
    half = len(words) // 2
    other = dict(zip(words[:half], words[half : 2 * half], strict=True))
    found: dict[str, str] = {}
    while len(found) < count:
        said = draw.choice(words[:half], int(draw.integers(2, 6))).tolist()
        found[" ".join(said)] = " ".join(other[word] for word in said)
    return list(found.items())


def write_toy_pairs(folder: Path, count: int = 12) -> Path:
    """A folder with a table of pairs."""
    folder.mkdir(parents=True)
    rows = [json.dumps({"source": source, "target": target}) for source, target in toy_pairs(count)]
    (folder / "train.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


def label_sets(count: int, seed: int = 0) -> list[tuple[str, list[str]]]:
    """Made texts about several topics at once, or about none, and which they are: all words tell."""
    draw = np.random.default_rng(seed)
    found = []
    for number in range(count):
        about = [topic for topic in sorted(TOPICS) if draw.random() < 0.45]
        words = [word for topic in about for word in draw.choice(TOPICS[topic], 2)]
        words += draw.choice(("the", "a", "old", "new", "we", "saw"), 3).tolist()
        found.append((" ".join(draw.permutation(words)) + f" {number}", about))
    return found


def write_label_sets(folder: Path, count: int = 12, seed: int = 0) -> Path:
    """A folder with a table of texts with sets of labels."""
    folder.mkdir(parents=True)
    rows = [json.dumps({"text": text, "labels": labels}) for text, labels in label_sets(count, seed)]
    (folder / "train.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    return folder
