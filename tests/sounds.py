"""Small synthetic recordings: a tone or a glide a class, noise on everything; and tiny bases."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from headstart.bases import build
from headstart.types import Architecture

CLASSES = ("low", "high", "rising")
RATE = 16_000
CODES = {"u1": (1, 8), "<i2": (1, 16), "i3": (1, 24), "<i4": (1, 32), "<f4": (3, 32), "<f8": (3, 64)}
"""How samples are written, and the code and bits that a header says for that."""


def wav(samples: np.ndarray, rate: int = RATE, kind: str = "<i2", extensible: bool = False) -> bytes:
    """A WAV of (n,) or (n, c) samples of -1 to 1."""
    samples = np.atleast_2d(np.asarray(samples, float).T).T
    code, bits = CODES[kind]
    step = samples.shape[1] * bits // 8
    form = struct.pack("<HHIIHH", code, samples.shape[1], rate, rate * step, step, bits)
    if extensible:
        form = struct.pack("<H", 0xFFFE) + form[2:]
        form += struct.pack("<HHIH", 22, bits, 0, code) + bytes(14)
    return riff(chunk(b"fmt ", form) + chunk(b"data", _written(samples, kind)))


def riff(chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _written(samples: np.ndarray, kind: str) -> bytes:
    if kind.startswith("<f"):
        return samples.astype(kind).tobytes()
    bits = CODES[kind][1]
    whole = np.round(samples * 2.0 ** (bits - 1)).clip(-(2.0 ** (bits - 1)), 2.0 ** (bits - 1) - 1)
    if kind == "u1":
        return (whole + 128).astype(np.uint8).tobytes()
    if kind == "i3":
        return whole.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    return whole.astype(kind).tobytes()


def tone(hertz: float = 440.0, seconds: float = 0.3, rate: int = RATE, to: float | None = None) -> np.ndarray:
    """(n,) a tone of half the loudness that fits, or a glide to another."""
    time = np.arange(round(seconds * rate)) / rate
    glide = 0.0 if to is None else (to - hertz) / (2 * seconds)
    return 0.5 * np.sin(2 * np.pi * (hertz + glide * time) * time)


def recording(kind: int, draws: np.random.Generator) -> np.ndarray:
    """(n,) a recording of a class, of 0.15 to 0.4 s."""
    seconds, pitch = draws.uniform(0.15, 0.4), draws.uniform(0.9, 1.1)
    start, end = ((300, 300), (1800, 1800), (300, 1800))[kind % 3]
    sound = tone(start * pitch, seconds, to=end * pitch)
    return draws.uniform(0.2, 1) * sound + draws.normal(0, 0.01, len(sound))


def write_folder(folder: Path, classes: Sequence[str] = CLASSES, per_class: int = 8, seed: int = 0) -> Path:
    """Write class folders of recordings and return `folder`."""
    draws = np.random.default_rng(seed)
    for kind, label in enumerate(classes):
        home = folder / label
        home.mkdir(parents=True, exist_ok=True)
        for number in range(per_class):
            (home / f"{label}_{number:03}.wav").write_bytes(wav(recording(kind, draws)))
    return folder


WORDS = ("low", "high", "up")


def sentence(words: Sequence[int], draws: np.random.Generator) -> np.ndarray:
    """(n,) these words, by number, one after the other: a tone each, with a gap between."""
    gaps = [0.01 * draws.normal(size=round(RATE * draws.uniform(0.05, 0.1))) for _ in words]
    return np.concatenate(
        [part for word, gap in zip(words, gaps, strict=True) for part in (recording(word, draws), gap)]
    )


def write_words(folder: Path, count: int = 12, seed: int = 0, most: int = 3) -> Path:
    """Write recordings of a few words each, with their transcripts in a metadata.csv; return `folder`."""
    draws = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["file_name,transcription,speaker"]
    for number in range(count):
        words = draws.integers(0, len(WORDS), draws.integers(1, most + 1)).tolist()
        (folder / f"{number:03}.wav").write_bytes(wav(sentence(words, draws)))
        lines.append(f"{number:03}.wav,{' '.join(WORDS[word] for word in words)},voice {number % 6}")
    (folder / "metadata.csv").write_text("\n".join(lines), "utf-8")
    return folder


def write_base(folder: Path, seed: int = 0) -> str:
    """A tiny network of ours with random weights; its name."""
    args = {"width": 16, "blocks": 2, "kernel": 5}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build(Architecture("soundnet", "small", args))
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"architecture": "soundnet/small", "model_args": args}
    (folder / "config.json").write_text(json.dumps(settings), "utf-8")
    save_file(network.state_dict(), folder / "model.safetensors")
    return str(folder)


WHISPER = {
    "model_type": "whisper",
    "d_model": 24,
    "num_mel_bins": 80,
    "encoder_layers": 2,
    "encoder_attention_heads": 2,
    "encoder_ffn_dim": 36,
    "max_source_positions": 60,
}
"""Settings of a tiny one's encoder."""


PROMPT = ("<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|fr|>", "<|transcribe|>", "<|notimestamps|>")
"""Tokens that say how a Whisper writes."""


def write_tokenizer(folder: Path) -> int:
    """A byte-level tokenizer of whole words and single letters, as a Whisper has it; how many tokens."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers  # late, as below

    letters = pre_tokenizers.ByteLevel.alphabet()
    places = {letter: number for number, letter in enumerate(sorted(letters))}
    tokenizer = Tokenizer(models.BPE(places, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in PROMPT])
    tokenizer.save(str(folder / "tokenizer.json"))
    return tokenizer.get_vocab_size(with_added_tokens=True)


def write_whisper(folder: Path, writes: bool = False) -> str:
    """A tiny Whisper with random weights, decoder and output layer included, as transformers writes it.

    With a tokenizer where it `writes`.
    """
    from transformers import WhisperConfig, WhisperForConditionalGeneration, logging  # late: it takes a while

    encoder = {name: value for name, value in WHISPER.items() if name != "model_type"}
    folder.mkdir(parents=True, exist_ok=True)
    tokens = write_tokenizer(folder) if writes else 30
    config = WhisperConfig(
        **encoder, vocab_size=tokens, decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=8,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1, max_target_positions=40,
        init_std=0.3,
    )  # fmt: skip
    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        WhisperForConditionalGeneration(config).save_pretrained(folder)
    if bars:
        logging.enable_progress_bar()
    return str(folder)


WAVES = {
    "wav2vec2": ("Wav2Vec2Config", "Wav2Vec2ForCTC", {}),
    "wav2vec2 stable": (
        "Wav2Vec2Config",
        "Wav2Vec2Model",
        {"feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": True},
    ),
    "hubert": ("HubertConfig", "HubertModel", {"feat_proj_layer_norm": False}),
    "hubert batch": ("HubertConfig", "HubertForCTC", {"conv_pos_batch_norm": True}),
    "wavlm": ("WavLMConfig", "WavLMModel", {"num_buckets": 12, "max_bucket_distance": 20}),
    "wavlm stable": (
        "WavLMConfig",
        "WavLMForCTC",
        {"feat_extract_norm": "layer", "do_stable_layer_norm": True, "num_buckets": 12},
    ),
}
"""Class of the settings, class whose checkpoint is written, and what is not as the library would have it."""
WAVE = {
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 36,
    "conv_dim": (8,) * 7,
    "num_conv_pos_embeddings": 6,
    "num_conv_pos_embedding_groups": 2,
    "vocab_size": 12,
    "initializer_range": 0.2,
}
"""Settings of a tiny network from samples."""


def write_wave(folder: Path, kind: str = "wav2vec2", normalised: bool = True) -> str:
    """A tiny wav2vec 2.0, HuBERT or WavLM with random weights, as transformers writes it."""
    import transformers  # late: it takes a while

    config, model, other = WAVES[kind]
    voice = transformers.logging
    bars = voice.is_progress_bar_enabled()
    voice.disable_progress_bar()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = getattr(transformers, model)(getattr(transformers, config)(**WAVE, **other))
        for name, value in network.named_parameters():
            # norms that do nothing would hide that they are taken over too many samples
            if "layer_norm" in name:
                value.data += 0.3 * torch.randn_like(value)
        network.save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(do_normalize=normalised).save_pretrained(folder)
    if bars:
        voice.enable_progress_bar()
    return str(folder)
