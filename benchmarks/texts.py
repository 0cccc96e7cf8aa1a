"""Texts: few labels beside SetFit and TF-IDF, and what the frozen pass costs.

    python benchmarks/texts.py few --data DIR --out DIR [--labels 8] [--draws 5] [--minutes 2]
                                   [--setfit PYTHON [--setfit-on SET ...]] [--jobs 2]
    python benchmarks/texts.py passes --data DIR
    python benchmarks/texts.py verdict --data DIR
    python benchmarks/texts.py irony --data DIR --out DIR [--minutes 10]

`few`: LABELS texts a class are drawn from a set's training texts, DRAWS times; the first 500 test texts are
measured on. A whole `headstart run` (frozen, contrastive, the reference arms, six seeds where time allows)
picks an arm; SetFit's defaults are trained on the same labels and weights (PYTHON is that of an environment
with `benchmarks/peers/requirements-setfit.txt`); TF-IDF with logistic regression is scikit-learn's defaults.
Differences are paired by draw and text. Seconds of training: of our arm the wall clock of its refit on all
labels, frozen pass and head included; of SetFit the processor time of its `train()`, without loading and head
(other processes slow only the former). One thread each, JOBS at a time.
`passes`: 1,000 texts to features by plain transformers (batches of 32 in the given order, padded to the
longest) and by the frozen pass (export and probe of the engine included, and without), interleaved.
`verdict`: what ranking, six seeds of heads and the paired statistics cost after the pass, over the pass.
`irony`: TweetEval's irony, whole: in print a fine-tuned RoBERTa-base (59.7) is below an SVM (61.7) there.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from measuring import machine, seconds, spread, table
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

SETS = ("sst2", "trec6", "subjectivity", "tweeteval_irony", "banking77")
BASE = "builtin/minilm"
TEST = 500
TEXTS = 1000
PEER = Path(__file__).parent / "peers" / "setfit_fewshot.py"


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("few", "passes", "verdict", "irony"))
    parser.add_argument("--data", type=Path, required=True, help="folder of text sets")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--labels", type=int, default=8, help="a class")
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=2.0, help="of each run")
    parser.add_argument("--setfit", type=Path, help="python of SetFit's environment")
    parser.add_argument("--setfit-on", nargs="+", default=SETS, help="sets that SetFit is run on")
    parser.add_argument("--jobs", type=int, default=2, help="at a time")
    asked = parser.parse_args()
    {"few": few, "passes": passes, "verdict": verdict, "irony": irony}[asked.what](asked)
    print(f"\n{machine()}")


def few(asked: argparse.Namespace) -> None:
    """Every set × draw: our run, SetFit and TF-IDF on the same labels."""
    jobs = [(name, draw) for name in asked.sets for draw in range(asked.draws)]
    with ThreadPoolExecutor(asked.jobs) as pool:
        done = dict(zip(jobs, pool.map(lambda job: one_draw(asked, *job), jobs), strict=True))
    lines = [line_of(name, [done[name, draw] for draw in range(asked.draws)]) for name in asked.sets]
    header = [
        "set",
        "TF-IDF",
        "frozen",
        "picked",
        "SetFit",
        "picked - SetFit",
        "picked - TF-IDF",
        "arms picked",
    ]
    print(table([*header, "training s", "SetFit s", "ratio"], lines))
    for rival in ("setfit", "tfidf"):
        known = [
            one["picked"].mean() - one[rival].mean() for one in done.values() if one.get(rival) is not None
        ]
        if known:
            print(f"mean over sets and draws, picked - {rival}: {100 * np.mean(known):+.1f} points")


def line_of(name: str, draws: Sequence[dict]) -> list[str]:
    """One set: means over draws, paired differences with intervals, seconds."""
    ours, peers = (
        [one["seconds"] for one in draws],
        [one["setfit_seconds"] for one in draws if one["setfit_seconds"]],
    )
    ratios = [one["seconds"] / one["setfit_seconds"] for one in draws if one["setfit_seconds"]]
    arms = [one["arm"] for one in draws]
    return [
        name,
        mean(draws, "tfidf"),
        mean(draws, "frozen"),
        mean(draws, "picked"),
        mean(draws, "setfit"),
        difference(draws, "setfit"),
        difference(draws, "tfidf"),
        ", ".join(f"{arm} {arms.count(arm)}" for arm in sorted(set(arms))),
        spread(ours),
        spread(peers) if peers else "",
        spread(ratios, ".2f") if ratios else "",
    ]


def mean(draws: Sequence[dict], which: str) -> str:
    """Mean accuracy over the draws that have it."""
    known = [np.mean(one[which]) for one in draws if one.get(which) is not None]
    return f"{np.mean(known):.3f}" if known else ""


def difference(draws: Sequence[dict], rival: str) -> str:
    """Points that the picked arm is above, paired, with a 95 % interval over draws and texts."""
    from headstart.verification import interval_of

    known = [one for one in draws if one.get(rival) is not None]
    if not known:
        return ""
    paired = np.stack([one["picked"] - one[rival] for one in known])
    ends = interval_of(paired, -1.0, 1.0)
    return f"{100 * paired.mean():+.1f} ({100 * ends.low:+.1f} to {100 * ends.high:+.1f})"


def one_draw(asked: argparse.Namespace, name: str, draw: int) -> dict:
    """(500,) right or wrong of each tool on one draw; what was done before is read."""
    data = drawn(asked.data / name, asked.out / "data" / f"{name}-{asked.labels}-{draw}", asked.labels, draw)
    test, train = texts(data / "test.csv"), texts(data / "train.csv")
    found = ours(asked, data)
    # test texts that are training texts too are taken out of training by us: all tools are asked about all
    result = {
        "picked": found["picked"],
        "frozen": found["frozen"],
        "arm": found["arm"],
        "seconds": found["seconds"],
    }
    vectors = TfidfVectorizer()
    head = LogisticRegression(max_iter=1000).fit(
        vectors.fit_transform([t for t, _ in train]), [y for _, y in train]
    )
    said = head.predict(vectors.transform([text for text, _ in test]))
    result["tfidf"] = right(said, test)
    result["setfit"] = result["setfit_seconds"] = None
    if asked.setfit and name in asked.setfit_on:
        peer = setfit(asked, data, draw)
        result |= {"setfit": right(peer["predictions"], test), "setfit_seconds": peer["seconds_train_cpu"]}
    return result


def right(said: Sequence[str], test: Sequence[tuple[str, str]]) -> np.ndarray:
    return np.array([float(str(one) == label) for one, (_, label) in zip(said, test, strict=True)])


def drawn(folder: Path, into: Path, labels: int, draw: int) -> Path:
    """A folder with `labels` training texts a class and the first test texts."""
    if (into / "test.csv").exists():
        return into
    rows = texts(folder / "train.csv")
    random.Random(draw).shuffle(rows)
    kinds = sorted({label for _, label in rows})
    chosen = [row for kind in kinds for row in [one for one in rows if one[1] == kind][:labels]]
    into.mkdir(parents=True, exist_ok=True)
    for file, content in (("train.csv", chosen), ("test.csv", texts(folder / "test.csv")[:TEST])):
        with (into / file).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([("text", "label"), *content])
    return into


def texts(file: Path) -> list[tuple[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return [(row["text"], row["label"]) for row in csv.DictReader(stream)]


def ours(asked: argparse.Namespace, data: Path) -> dict:
    """A whole run: what its bundle says of every test text, and what the arm's last training took."""
    out = asked.out / "runs" / data.name
    if not (out / "result.json").exists():
        options = ["--strategy", "contrastive", "--strategy", "frozen", "--minutes", asked.minutes]
        headstart("run", data, "--base", BASE, *options, "--out", out)
    result = json.loads((out / "result.json").read_text())
    said = [
        json.loads(line)
        for line in headstart("predict", out / "bundle", data / "test.csv", "--json").splitlines()
    ]
    test = texts(data / "test.csv")
    arm = result["chosen"]["arm"]
    frozen = next(one["value"] for one in result["arms"] if one["name"] == "frozen")
    events = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    refits = [event["seconds"] for event in events if event.get("job", "").startswith(f"{arm}-refit")]
    picked = right([one.get("label", "") for one in said], test)
    return {"picked": picked, "frozen": frozen, "arm": arm, "seconds": refits[-1] if refits else 0.0}


def setfit(asked: argparse.Namespace, data: Path, draw: int) -> dict:
    """SetFit's defaults on the same labels."""
    out = asked.out / "setfit" / f"{data.name}.json"
    if not out.exists():
        out.parent.mkdir(parents=True, exist_ok=True)
        files = ["--train", data / "train.csv", "--test", data / "test.csv", "--seed", draw, "--out", out]
        run([asked.setfit, PEER, *files, "--threads", 1])
    return json.loads(out.read_text())


def headstart(*words: object) -> str:
    """A command of ours, with one thread; what it prints."""
    return run([sys.executable, "-m", "headstart", *words])


def run(words: Sequence[object]) -> str:
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        [str(word) for word in words],
        env={**os.environ, **threads},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}\n{done.stderr[-3000:]}")
    return done.stdout


def passes(asked: argparse.Namespace) -> None:
    """The frozen pass over plain transformers, on two sets."""
    rows = []
    for name in ("sst2", "trec6"):
        given = [text for text, _ in texts(asked.data / name / "train.csv")][:TEXTS]
        plain, cold, warm = eager(given), passing(given, cold=True), passing(given, cold=False)
        plain(), warm()
        took = [(seconds(plain), seconds(cold), seconds(warm)) for _ in range(3)]
        rows.append(
            [
                name,
                spread([TEXTS / one[0] for one in took], ".0f"),
                spread([one[0] / one[1] for one in took], ".2f"),
                spread([one[0] / one[2] for one in took], ".2f"),
            ]
        )
    print(table(["set", "plain, texts/s", "pass over plain", "without export and probe"], rows))


def eager(given: Sequence[str]) -> Callable[[], object]:
    """Mean-pooled features by plain transformers: tokens included, batches in the given order."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    from headstart.bases.builtin import plugin

    folder = plugin.locate(BASE).folder
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()

    @torch.inference_mode()
    def work() -> None:
        for start in range(0, len(given), 32):
            batch = tokenizer(
                list(given[start : start + 32]),
                padding=True,
                truncation=True,
                max_length=256,
                return_tensors="pt",
            )
            mask = batch["attention_mask"].unsqueeze(-1)
            (model(**batch).last_hidden_state * mask).sum(1) / mask.sum(1)

    return work


def passing(given: Sequence[str], cold: bool) -> Callable[[], object]:
    """The same by a frozen pass: tokens, order and engine included; with `cold` the engine is found anew."""
    import tempfile

    from headstart.bases import load_base
    from headstart.bases.passes.frozen import FrozenPass, Subject, Wanted
    from headstart.cache import Cache
    from headstart.data.texts.store import TokenStore, fitted
    from headstart.runtime import Runtime

    base, sources = load_base(BASE), [text.encode() for text in given]
    digests = tuple(map(str, range(len(given))))
    engines = FrozenPass(Cache(Path(tempfile.mkdtemp())), Runtime(threads=os.cpu_count() or 1))
    network = base.network()
    count = iter(range(1_000_000))

    def work() -> None:
        with tempfile.TemporaryDirectory() as folder:
            passing = FrozenPass(Cache(Path(folder)), engines.runtime) if cold else engines
            preprocess = fitted(base.preprocess, sources)
            named = tuple(f"{next(count)}-{digest}" for digest in digests)  # nothing is taken from the cache
            subject = Subject(TokenStore(sources, preprocess), named, preprocess)
            passing(Wanted(network, base.identity, subject, ("features",)), np.arange(len(given)))

    return work


def verdict(asked: argparse.Namespace) -> None:
    """After the pass: ranking scores, six seeds of heads, their outputs and the paired interval."""
    import tempfile

    import torch

    from headstart import data, ranking
    from headstart.adaptation import draws
    from headstart.bases import load_base
    from headstart.bases.passes.frozen import FrozenPass
    from headstart.cache import Cache
    from headstart.runtime import Runtime
    from headstart.tasks.solvers import linear
    from headstart.tasks.text_classification import plugin
    from headstart.verification import paired

    rows = []
    for name in ("sst2", "trec6"):
        with tempfile.TemporaryDirectory() as folder:
            part = drawn_many(asked.data / name, Path(folder) / "data")
            splits = data.load(part, plugin)
            passes = FrozenPass(Cache(Path(folder) / "cache"), Runtime(threads=torch.get_num_threads()))
            bench = ranking.benches(plugin, splits, [load_base(BASE)], passes)[0]
            once = seconds(lambda bench=bench: bench.features())
            started = time.perf_counter()
            ranking.rank([bench])
            features = np.asarray(bench.features(), dtype=np.float64)
            targets, k = bench.examples.answers, len(bench.examples.categories)
            scores = []
            for draw in draws(splits, 6, 0):
                head = linear.solve(features[draw.train], targets[draw.train], k)
                scores.append(plugin.score.of(head.outputs(features[splits.test]), targets[splits.test]))
            share = np.bincount(targets[splits.train]).argmax()
            paired(
                "frozen", "majority", np.stack(scores) - (targets[splits.test] == share), 0.005, plugin.score
            )
            after = time.perf_counter() - started
            rows.append([name, len(splits.examples), f"{once:.1f}", f"{after:.1f}", f"{after / once:.2f}"])
    print(table(["set", "texts", "pass, s", "ranking + six heads + verdict, s", "ratio"], rows))


def drawn_many(folder: Path, into: Path) -> Path:
    """700 training and 300 test texts."""
    into.mkdir(parents=True)
    for file, many in (("train.csv", 700), ("test.csv", 300)):
        rows = texts(folder / file)
        random.Random(0).shuffle(rows)
        with (into / file).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([("text", "label"), *rows[:many]])
    return into


def irony(asked: argparse.Namespace) -> None:
    """The whole set: every arm, the verdict, and the arm that is returned."""
    out = asked.out / "runs" / "irony"
    if not (out / "result.json").exists():
        headstart(
            "run", asked.data / "tweeteval_irony", "--base", BASE, "--minutes", asked.minutes, "--out", out
        )
    result = json.loads((out / "result.json").read_text())
    arms = [[arm["name"], f"{arm['value']:.3f}", len(arm["seeds"])] for arm in result["arms"]]
    print(table(["arm", "accuracy", "seeds"], arms))
    print(f"\n{result['verdict']['sentence']}\nreturned: {result['chosen']['arm']}; {result['metrics']}")


if __name__ == "__main__":
    main()
