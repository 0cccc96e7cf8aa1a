"""Make `builtin/speech-s`: a SoundNet that learned the phones of speech that a machine says.

    pip install espeakng-loader
    python scripts/pretrain_speech.py --hours 10 --minutes 25

CTC (Graves et al., ICML 2006) on phones of 25 languages, from random weights, on one CPU thread. A rate that
ends at zero after so many minutes; views of `data/sound/views.py`, and of other speeds.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from scipy.signal import resample_poly
from speaking.espeak import Espeak
from speaking.rooms import heard
from speaking.sentences import LANGUAGES, sentence, vocabulary
from speaking.tracts import through_another_mouth
from torch import Tensor, nn

from headstart.bases.networks.frames import there
from headstart.bases.networks.soundnet import SoundNet
from headstart.data.sound.mels import log_mel
from headstart.data.sound.views import Policy, drawn
from headstart.preprocessing.sound import RATE, STEP

ARGS = {"width": 192, "blocks": 6, "kernel": 9, "octaves": 3, "centred": True}
OUT = Path("src/headstart/bases/weights/speech-s")
HELD = ("f3", "m5", "Annie", "edward", "steph", "caleb")
"""Voices that only validation hears."""
VOICES = (
    *(
        "f1",
        "f2",
        "f4",
        "f5",
        "m1",
        "m2",
        "m3",
        "m4",
        "m6",
        "m7",
        "m8",
        "klatt",
        "klatt2",
        "klatt3",
        "klatt4",
    ),
    *(
        "Alex",
        "Alicia",
        "Andrea",
        "Andy",
        "Denis",
        "Diogo",
        "Gene",
        "Gene2",
        "Henrique",
        "Hugo",
        "Jacky",
        "Lee",
    ),
    *(
        "Marco",
        "Mario",
        "Michael",
        "Mike",
        "Reed",
        "adam",
        "anika",
        "antonio",
        "aunty",
        "belinda",
        "benjamin",
    ),
    *(
        "boris",
        "david",
        "ed",
        "gustave",
        "ian",
        "iven",
        "john",
        "linda",
        "max",
        "michel",
        "miguel",
        "norbert",
    ),
    *("pablo", "paul", "pedro", "quincy", "rob", "robert", "sandro", "shelby", "travis", "victor", "zac"),
)
BATCH, RATE_AT_BEST, LONGEST = 16, 2e-3, 700
RARE = 40
"""Times that a phone has to be said to be learned."""
VIEW = Policy(shift=0.0, stripe=0.05, band=0.12, stripes=2)
CARD = """---
license: apache-2.0
library_name: headstart
tags: [headstart, automatic-speech-recognition, pre-trained, synthetic]
---
# builtin/speech-s

A SoundNet ({parameters:,} parameters; convolutions over time, steps of 20 ms) pre-trained from random weights
to tell the phones of {languages} languages, by CTC, on {hours:.1f} hours of speech that espeak-ng said in
{voices} of its voices: words of this project's own pages, and words made up of random syllables. No recording
of a person was played to it, and no number was said. Half of it is heard through a telephone's band, most of
it in noise, some in rooms.

Made by `scripts/pretrain_speech.py`: {epochs:.1f} times through, {seconds:.0f} s on one CPU thread, seed
{seed}. Phones wrong in {held} voices that were held out: {errors:.1%}.

Licence: the weights are the project's own. espeak-ng (GPL-3) is a program that was used, as a compiler is;
neither it nor its voice data are in the weights' folder or in the package, and the texts that it said are the
project's.
"""


@dataclass(frozen=True)
class Said:
    """One recording."""

    levels: np.ndarray
    """(B, T) float16."""
    phones: str
    held: bool


def main() -> None:
    """Say, learn, measure, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--hours", type=float, default=10.0)
    parser.add_argument("--minutes", type=float, default=25.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--mouths", action="store_true", help="each view out of a longer or a shorter mouth")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    said = recordings(asked.hours, asked.seed)
    counts = Counter(phone for one in said for phone in one.phones)
    alphabet = "".join(sorted(phone for phone, count in counts.items() if count >= RARE))
    print(f"{len(said)} recordings, {hours_of(said):.2f} h, {len(alphabet)} phones", flush=True)
    trainer = Trainer([one for one in said if not one.held], alphabet, asked.seed, asked.mouths)
    held = [one for one in said if one.held]
    seconds = trainer.train(60 * asked.minutes, held)
    errors = trainer.errors(held)
    save(asked.out, trainer.network)
    told = {
        "parameters": sum(value.numel() for value in trainer.network.parameters()),
        "languages": len(LANGUAGES),
        "hours": hours_of(said),
        "voices": len(VOICES),
        "held": len(HELD),
        "epochs": trainer.heard / len(trainer.said),
        "seconds": seconds,
        "seed": asked.seed,
        "errors": errors,
    }
    (asked.out / "README.md").write_text(CARD.format(**told))
    print(f"phones wrong {errors:.3f}; {seconds:.0f} s; saved {asked.out}")


def recordings(hours: float, seed: int) -> list[Said]:
    """So much speech; one in thirty is said by voices that are held out."""
    spec = importlib.util.find_spec("espeakng_loader")
    if spec is None or spec.origin is None:
        raise SystemExit("pip install espeakng-loader")
    home = Path(spec.origin).parent
    library = next(iter(sorted(home.glob("libespeak-ng*"))))
    espeak, words = Espeak(library, home / "espeak-ng-data"), vocabulary(Path("docs"))
    random, found, seconds = np.random.default_rng(seed), list[Said](), 0.0
    while seconds < 3600 * hours:
        language, text = sentence(words, random)
        held = random.random() < 1 / 30
        voice = str(random.choice(HELD if held else VOICES))
        how = int(random.integers(110, 260)), int(random.integers(15, 85)), int(random.integers(20, 90))
        samples = espeak.say(text, f"{language}+{voice}", *how)
        phones = espeak.phones(text)
        if len(samples) < espeak.rate // 3 or not phones:
            continue
        samples = resample_poly(samples, 320, 441).astype(np.float32)
        levels = log_mel(torch.from_numpy(heard(samples, RATE, random))).numpy().astype(np.float16)
        if levels.shape[1] > LONGEST:
            continue
        found.append(Said(levels, phones, held))
        seconds += levels.shape[1] / 100
    return found


class Trainer:
    """A network that learns phones."""

    def __init__(self, said: list[Said], alphabet: str, seed: int, mouths: bool = False) -> None:
        torch.manual_seed(seed)
        self.mouths = mouths
        self.said, self.number = said, {phone: place + 1 for place, phone in enumerate(alphabet)}
        self.network = SoundNet(**ARGS)
        self.head = nn.Linear(ARGS["width"], len(alphabet) + 1)
        self.random, self.heard = np.random.default_rng(seed), 0

    def train(self, seconds: float, held: list[Said]) -> float:
        """For so many seconds of the process; the seconds that it took."""
        whole = nn.ModuleList([self.network, self.head]).train()
        optimizer = torch.optim.AdamW(whole.parameters(), lr=RATE_AT_BEST, weight_decay=0.01)
        started, looked = time.process_time(), 0.0
        while (spent := time.process_time() - started) < seconds:
            for batch in self._batches():
                share = (time.process_time() - started) / seconds
                if share >= 1:
                    break
                for group in optimizer.param_groups:
                    group["lr"] = RATE_AT_BEST * min(share / 0.05 + 0.02, 1.0, (1 - share) / 0.6)
                loss = self._loss(batch, views=share > 0.15)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                nn.utils.clip_grad_norm_(whole.parameters(), 5.0)
                optimizer.step()
                self.heard += len(batch)
                if share > looked + 0.04:
                    looked = share
                    print(
                        f"{share:.2f} loss {loss:.3f} phones wrong {self.errors(held[:60]):.3f}", flush=True
                    )
        return spent

    def _batches(self) -> list[list[int]]:
        """Recordings of like lengths together."""
        order = self.random.permutation(len(self.said))
        found = []
        for start in range(0, len(order), 40 * BATCH):
            part = sorted(order[start : start + 40 * BATCH], key=lambda row: self.said[row].levels.shape[1])
            found += [part[place : place + BATCH] for place in range(0, len(part), BATCH)]
        return [found[place] for place in self.random.permutation(len(found))]

    def _loss(self, rows: list[int], views: bool) -> Tensor:
        levels = [self.said[row].levels.astype(np.float32) for row in rows]
        if views:
            levels = [self._heard(one) for one in levels]
        frames = padded(levels)
        if views:
            length = STEP * round(frames.shape[2] * self.random.uniform(0.85, 1.15) / STEP)
            ended = F.interpolate((frames == 0).all(1, keepdim=True).float(), length) > 0
            frames = torch.where(ended, 0, F.interpolate(frames, length, mode="linear"))
        logs, mask = self._logs(frames)
        right = [[self.number[p] for p in self.said[row].phones if p in self.number] for row in rows]
        sizes = torch.tensor([len(one) for one in right])
        flat = torch.tensor([number for one in right for number in one])
        each = F.ctc_loss(
            logs.transpose(0, 1), flat, mask.sum(1), sizes, reduction="none", zero_infinity=True
        )
        return (each / sizes.clamp(min=1)).mean()

    def _heard(self, levels: np.ndarray) -> np.ndarray:
        return drawn(through_another_mouth(levels, self.random) if self.mouths else levels, VIEW, self.random)

    def _logs(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        mask = there(frames)
        return self.head(self.network.states(frames, mask)).log_softmax(-1), mask

    @torch.no_grad()
    def errors(self, said: list[Said]) -> float:
        """Share of phones that are wrong."""
        wrong, all_of_them = 0, 0
        for start in range(0, len(said), BATCH):
            some = said[start : start + BATCH]
            logs, mask = self._logs(padded([one.levels.astype(np.float32) for one in some]))
            for one, row, inside in zip(some, logs.argmax(-1), mask, strict=True):
                best = torch.unique_consecutive(row[inside]).tolist()
                right = [self.number[phone] for phone in one.phones if phone in self.number]
                wrong += distance([number for number in best if number], right)
                all_of_them += len(right)
        return wrong / all_of_them


def padded(levels: list[np.ndarray]) -> Tensor:
    """(b, B, T), 0 after each one's end."""
    found = np.zeros((len(levels), levels[0].shape[0], max(one.shape[1] for one in levels)), np.float32)
    for row, one in zip(found, levels, strict=True):
        row[:, : one.shape[1]] = one
    return torch.from_numpy(found)


def distance(one: list[int], other: list[int]) -> int:
    """Changes that make one list the other."""
    row = list(range(len(other) + 1))
    for place, item in enumerate(one, 1):
        before, row[0] = row[0], place
        for column, wanted in enumerate(other, 1):
            before, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, before + (item != wanted)),
            )
    return row[-1]


def hours_of(said: list[Said]) -> float:
    """Of all recordings together."""
    return sum(one.levels.shape[1] for one in said) / 360_000


def save(folder: Path, network: nn.Module) -> None:
    """A base folder: settings, and weights in float16."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "architecture": "soundnet/small",
        "model_args": ARGS,
        "source_data": "said by espeak-ng in 25 languages, by scripts/pretrain_speech.py; no person",
        "license": "apache-2.0",
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    state = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    save_file(state, folder / "model.safetensors")


if __name__ == "__main__":
    main()
