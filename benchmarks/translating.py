"""Parent-child transfer of a translator: a language pair with much data teaches one with little.

    python benchmarks/translating.py --data DIR --out DIR [--pairs 1000] [--parent-minutes 10] [--minutes 25]

A parent is pre-trained from scratch on all pairs of DIR/train.SOURCE and train.TARGET (`headstart pretrain
--architecture translator/small`), then `headstart run` adapts it to another target language with PAIRS pairs
beside training from scratch, with paired seeds. DIR is Multi30k: both pairs translate the same captions, so
the parent has seen the English sentences of the child (but none of test). Nothing is chosen on test.
Kocmi and Bojar, "Trivial Transfer Learning for Low-Resource Neural Machine Translation", WMT 2018.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path

from measuring import machine, table

from texts import run

VALIDATION, TEST = 200, 500


def main() -> None:
    """Parent, child, table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--data", type=Path, required=True, help="Multi30k: train.en, train.de, train.fr, ..."
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--source", default="en")
    parser.add_argument("--parent-target", default="de")
    parser.add_argument("--target", default="fr")
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--parent-minutes", type=float, default=10.0)
    parser.add_argument("--minutes", type=float, default=25.0)
    parser.add_argument("--strategy", nargs="+", default=("frozen", "warm_init"))
    asked = parser.parse_args()
    parent, child = pretrained(asked), drawn(asked)
    out = asked.out / f"run-{asked.pairs}"
    if not (out / "result.json").exists():
        languages = ["--columns", f"source={asked.source},target={asked.target}"]
        strategies = [word for one in asked.strategy for word in ("--strategy", one)]
        options = [*languages, "--base", parent, *strategies, "--minutes", asked.minutes, "--out", out]
        headstart("run", child, *options)
    result = json.loads((out / "result.json").read_text())
    rows = [
        [
            arm["name"],
            f"{100 * arm['value']:.1f}",
            percent(arm, "bleu"),
            len(arm["seeds"]),
            f"{arm['seconds']:.0f}",
        ]
        for arm in result["arms"]
    ]
    print(table(["arm", "chrF of sentences", "BLEU", "seeds", "seconds"], rows))
    print(f"\n{result['verdict']['sentence']}\nreturned: {result['chosen']['arm']}, {result['metrics']}")
    print(machine())


def percent(arm: dict, name: str) -> str:
    found = (arm.get("metrics") or {}).get(name)
    return "" if found is None else f"{100 * found:.1f}"


def pretrained(asked: argparse.Namespace) -> Path:
    """The parent; one that is there is used."""
    out = asked.out / "parent"
    if not (out / "model.safetensors").exists():
        languages = ["--columns", f"source={asked.source},target={asked.parent_target}"]
        options = ["--architecture", "translator/small", "--minutes", asked.parent_minutes, "--out", out]
        headstart("pretrain", asked.data, "--task", "translation", *languages, *options)
    return out


def drawn(asked: argparse.Namespace) -> Path:
    """PAIRS pairs of training, the first sentences of validation and of the test of 2016."""
    into = asked.out / f"pairs-{asked.pairs}"
    into.mkdir(parents=True, exist_ok=True)
    rows = list(range(len(lines(asked.data / f"train.{asked.source}"))))
    random.Random(0).shuffle(rows)
    for language in (asked.source, asked.target):
        content = {
            "train": [lines(asked.data / f"train.{language}")[row] for row in rows[: asked.pairs]],
            "val": lines(asked.data / f"val.{language}")[:VALIDATION],
            "test": lines(asked.data / f"test_2016_flickr.{language}")[:TEST],
        }
        for split, sentences in content.items():
            (into / f"{split}.{language}").write_text("\n".join(sentences) + "\n", encoding="utf-8")
    return into


def lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def headstart(*words: object) -> str:
    return run([sys.executable, "-m", "headstart", *words])


if __name__ == "__main__":
    main()
