"""The digit strings of `speech.py`, as one would do it without Headstart: two peers in the same seconds.

    python benchmarks/speech_peers.py DATA [--strings 50] [--rotations 3] [--seconds 60] [--only NAME ...]

`trainer`: transformers' Trainer on the weights of Whisper tiny.en's encoder with a linear CTC layer, as the
library's own recognisers by CTC have one (dropout, then a matrix), all of it trained; AdamW at 1e-4, a tenth
of the steps to warm up, then down to zero, batches of 8. The window is as short as the longest recording of
all, where the library would fill up half a minute: that is in its favour. `loop`: a plain loop of PyTorch
from scratch, three bidirectional GRUs of 128 over two frames at once and CTC; Adam at 1e-3, gradients cut at
5, batches of 8. Steps are as many as the seconds of one core allow, by the time of the first ones. Both write
the likeliest letter of each step, without a lexicon, and learn from all training strings; nothing is chosen.
Needs accelerate (the extra `text` brings it).
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
import transformers
from scipy.signal import resample_poly
from speech import WHISPER, clips_of, samples, write_strings
from torch import Tensor, nn

from headstart.bases.formats.locate import locate
from headstart.tasks.scores.words import of_letters, of_words

BATCH, NOTHING, WIDTH, LAYERS = 8, 0, 128, 3
TIMED = 2
"""Steps that are timed first; they count."""
Row = tuple[Tensor, Tensor]
"""(80, T) levels of one recording, and the numbers of its letters."""


def main() -> None:
    """Print a row a peer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--strings", type=int, default=50)
    parser.add_argument("--rotations", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--only", nargs="*", default=[*PEERS])
    asked = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    print(f"| {asked.strings} strings | word errors by rotation | mean | letters | steps | CPU s |")
    print("|---|---|---|---|---|---|")
    for name in asked.only:
        rows = [row_of(name, rotation, asked) for rotation in range(asked.rotations)]
        wrong, letters, steps, seconds = np.array(rows).T
        each = ", ".join(f"{100 * one:.1f}" for one in wrong)
        print(
            f"| {name} | {each} | {100 * wrong.mean():.1f} | {100 * letters.mean():.1f} "
            f"| {steps.mean():.0f} | {seconds.mean():.0f} |",
            flush=True,
        )


def row_of(name: str, rotation: int, asked: argparse.Namespace) -> tuple[float, float, int, float]:
    """Word errors, letter errors, steps, and seconds of one core."""
    with tempfile.TemporaryDirectory() as home:
        folder = write_strings(Path(home), clips_of(asked.data), rotation, asked.strings)
        with (folder / "metadata.csv").open(encoding="utf-8") as table:
            lines = list(csv.DictReader(table))
        started = time.process_time()
        labels = sorted(
            {letter for line in lines if line["split"] == "train" for letter in line["transcription"]}
        )
        levels = [levels_of(folder / line["file_name"]) for line in lines]
        rows = [
            (one, numbered(line["transcription"], labels)) for one, line in zip(levels, lines, strict=True)
        ]
        sides = [line["split"] for line in lines]
        train = [row for row, side in zip(rows, sides, strict=True) if side == "train"]
        transformers.set_seed(rotation)
        model, steps = PEERS[name](
            train, len(labels), max(one.shape[1] for one in levels), asked.seconds, home
        )
        seconds = time.process_time() - started
        test = [(row, line) for row, line in zip(rows, lines, strict=True) if line["split"] == "test"]
        said = [heard(model, row, labels) for row, _ in test]
    right = [line["transcription"] for _, line in test]
    return float(of_words(said, right).mean()), float(of_letters(said, right).mean()), steps, seconds


def levels_of(file: Path) -> Tensor:
    """(80, T) as the library makes them, without what fills up half a minute; T is even."""
    sound = resample_poly(samples(file).astype(np.float32) / 32768, 2, 1)
    extract = transformers.WhisperFeatureExtractor()
    found = extract(sound, sampling_rate=16_000, padding="do_not_pad", return_tensors="pt").input_features[0]
    return found[:, : found.shape[1] // 2 * 2]


def numbered(text: str, labels: Sequence[str]) -> Tensor:
    """The letters that are known, from 1."""
    return torch.tensor([1 + labels.index(letter) for letter in text if letter in labels])


class Model(nn.Module):
    """(n, 80, T) levels to (n, L, k + 1) logits, a step for two frames."""

    def loss(self, levels: Tensor, letters: Tensor, steps: Tensor, sizes: Tensor) -> Tensor:
        """The mean over recordings, of a letter."""
        odds = self(levels).log_softmax(-1).transpose(0, 1)
        return F.ctc_loss(odds, letters, steps, sizes, blank=NOTHING, zero_infinity=True)


class Pretrained(Model):
    """Whisper's encoder and a linear layer."""

    def __init__(self, folder: Path, letters: int, frames: int) -> None:
        super().__init__()
        self.encoder: Any = transformers.WhisperModel.from_pretrained(folder, dtype=torch.float32).encoder
        places = self.encoder.embed_positions
        places.weight = nn.Parameter(places.weight[: frames // 2].clone(), requires_grad=False)
        self.encoder.config.max_source_positions = places.num_embeddings = frames // 2
        self.frames, self.drop = frames, nn.Dropout(0.1)
        self.said = nn.Linear(self.encoder.config.d_model, letters + 1)

    def forward(self, levels: Tensor) -> Tensor:
        whole = F.pad(levels, (0, self.frames - levels.shape[2]))
        return self.said(self.drop(self.encoder(whole).last_hidden_state))


class Scratch(Model):
    """Recurrent layers over pairs of frames."""

    def __init__(self, letters: int) -> None:
        super().__init__()
        self.layers = nn.GRU(160, WIDTH, LAYERS, batch_first=True, bidirectional=True, dropout=0.1)
        self.said = nn.Linear(2 * WIDTH, letters + 1)

    def forward(self, levels: Tensor) -> Tensor:
        pairs = levels.transpose(1, 2).unflatten(1, (-1, 2)).flatten(2)
        return self.said(self.layers(pairs)[0])


class ForTrainer(nn.Module):
    """What the Trainer calls: a loss by name."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(self, levels: Tensor, labels: Tensor, steps: Tensor, sizes: Tensor) -> dict[str, Tensor]:
        return {"loss": self.model.loss(levels, labels, steps, sizes)}


def together(rows: Sequence[Row]) -> dict[str, Tensor]:
    """A batch."""
    longest = max(levels.shape[1] for levels, _ in rows)
    return {
        "levels": torch.stack([F.pad(levels, (0, longest - levels.shape[1])) for levels, _ in rows]),
        "labels": nn.utils.rnn.pad_sequence(
            [letters for _, letters in rows], batch_first=True, padding_value=1
        ),
        "steps": torch.tensor([levels.shape[1] // 2 for levels, _ in rows]),
        "sizes": torch.tensor([len(letters) for _, letters in rows]),
    }


def by_trainer(
    train: Sequence[Row], letters: int, frames: int, seconds: float, home: str
) -> tuple[Model, int]:
    """The model after so many seconds, and its steps."""
    folder, started = locate(WHISPER, "sound").folder, time.process_time()
    assert folder is not None
    model = Pretrained(folder, letters, frames)
    probe = ForTrainer(model)
    began = time.process_time()
    for _ in range(TIMED):
        probe(**together(train[:BATCH]))["loss"].backward()
        probe.zero_grad()
    each = (time.process_time() - began) / TIMED
    steps = max(1, int((seconds - (time.process_time() - started)) / each))
    settings = transformers.TrainingArguments(
        output_dir=home,
        per_device_train_batch_size=BATCH,
        max_steps=steps,
        learning_rate=1e-4,
        warmup_steps=steps // 10,
        lr_scheduler_type="linear",
        save_strategy="no",
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        use_cpu=True,
    )
    transformers.Trainer(probe, settings, together, list(train)).train()  # type: ignore[arg-type]
    return model, steps


def by_loop(train: Sequence[Row], letters: int, frames: int, seconds: float, home: str) -> tuple[Model, int]:
    """The same from scratch."""
    model, started, steps = Scratch(letters), time.process_time(), 0
    optimizer, draws = torch.optim.Adam(model.parameters(), 1e-3), np.random.default_rng(0)
    while time.process_time() - started < seconds:
        order = draws.permutation(len(train))
        for start in range(0, len(order), BATCH):
            batch = together([train[place] for place in order[start : start + BATCH]])
            batch["letters"] = batch.pop("labels")
            optimizer.zero_grad()
            model.loss(**batch).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            steps += 1
    return model, steps


@torch.no_grad()
def heard(model: Model, row: Row, labels: Sequence[str]) -> str:
    """The likeliest letter of each step, without repeats."""
    best = model.eval()(row[0].unsqueeze(0))[0, : row[0].shape[1] // 2].argmax(-1)
    found = torch.unique_consecutive(best).tolist()
    return " ".join("".join(labels[number - 1] for number in found if number != NOTHING).split())


PEERS: dict[str, Callable[..., tuple[Model, int]]] = {"trainer": by_trainer, "loop": by_loop}


if __name__ == "__main__":
    main()
