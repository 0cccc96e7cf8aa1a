"""Features of the sets that `adapting.py` is about, one frozen pass each.

    python benchmarks/domain_sets.py DIR [--only trashnet banking …]

Log counts of Amazon reviews (rows of length 1); digits as pixels and on `builtin/efficientnet-lite0`;
photographs of rubbish, insects, hands and of forty small classes on it, plain, blurred, noisy, grey, dark
and negative; questions, sentences and requests on `builtin/minilm`, plain, with typos, with words left out,
spaced and as chat; spoken digits of six people on `builtin/whisper-tiny-en`; and things that are none of
these: noise, single colours, pictures whose pixels are shuffled, cells, playing cards, captions in two
languages, random letters and shuffled words.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageFilter

from headstart import registry
from headstart.bases import load_base
from headstart.types import FloatArray, IntArray

SHARED = Path(os.environ.get("HEADSTART_DATA", Path(__file__).resolve().parents[2] / "shared")) / "data"
BATCH, CLASSES, OF_CLASS = 16, 40, 20
"""Classes that are drawn of a set with many, and examples of each."""
Change = Callable[[Image.Image], Image.Image]
Made = tuple[str, Callable[[], tuple[FloatArray, IntArray]]]
LOOKS: dict[str, Change] = {
    "plain": lambda image: image,
    "blur": lambda image: image.filter(ImageFilter.GaussianBlur(image.width / 64)),
    "noise": lambda image: noisy(image),
    "grey": lambda image: image.convert("L").convert("RGB"),
    "dark": lambda image: image.point(lambda value: int(0.3 * value)),
    "negative": lambda image: image.point(lambda value: 255 - value),
}
SPOKEN: dict[str, Callable[[str, np.random.Generator], str]] = {
    "plain": lambda text, draws: text,
    "typos": lambda text, draws: typed(text, draws),
    "dropped": lambda text, draws: " ".join(word for word in text.split() if draws.random() > 0.4) or text,
    "spaced": lambda text, draws: "".join(f"{one} " if at % 7 == 3 else one for at, one in enumerate(text)),
    "chat": lambda text, draws: f"lol ok so {text.lower().replace('?', '').replace('the ', 'da ')} plz thx",
}


def noisy(image: Image.Image) -> Image.Image:
    """With noise that is drawn from the picture's own sum."""
    values = np.asarray(image).astype(float)
    draws = np.random.default_rng(int(values.sum()) % 2**31)
    return Image.fromarray(np.clip(values + draws.normal(0, 50, values.shape), 0, 255).astype("uint8"))


def typed(text: str, draws: np.random.Generator) -> str:
    """With every twelfth letter changed for its neighbour."""
    letters = list(text)
    for at in range(len(letters) - 1):
        if letters[at].isalpha() and draws.random() < 0.08:
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


def everything() -> Iterator[Made]:
    """All sets by name, each computed when it is asked for."""
    for name in ("books", "dvd", "electronics", "kitchen"):
        yield f"amazon-{name}", partial(reviews, name)
    for name in ("mnist", "usps"):
        yield f"raw-{name}", partial(pixels, name)
        yield f"lite16-{name}", partial(small_digits, name)
    for name in ("mnist", "mnistm"):
        folder = SHARED / f"domain_adaptation/mnist_to_mnistm/{name}/train"
        yield f"lite-{name}", partial(pictures, folder, 800, 64, LOOKS["plain"])
    for name, many in (("trashnet", 800), ("hymenoptera", 390), ("sign_digits", 400)):
        for look, change in LOOKS.items():
            folder = SHARED / f"image_classification/{name}"
            yield f"{name}-{look}", partial(pictures, folder, many, 224, change)
    for look, change in LOOKS.items():
        yield f"tiny-{look}", partial(small_pictures, change)
    for look in SPOKEN:
        for name in ("trec6", "sst2", "subjectivity"):
            yield f"{name}-{look}", partial(sentences, name, look)
        yield f"banking-{look}", partial(requests, look)
    yield "irony-plain", partial(sentences, "tweeteval_irony", "plain")
    for speaker in ("george", "jackson", "lucas", "nicolas", "theo", "yweweler"):
        yield f"fsdd-{speaker}", partial(spoken, speaker)
    yield from other_things()


def other_things() -> Iterator[Made]:
    """What belongs to no class of any set; all of one class, which nobody asks for."""
    yield "noise", partial(drawn_pictures, "noise", 100)
    yield "other-flat", partial(drawn_pictures, "flat", 200)
    yield "other-scrambled", scrambled
    cells, cards = (SHARED / f"object_detection/{name}/JPEGImages" for name in ("bccd", "playing_cards"))
    yield "other-cells", partial(heap, cells, 200)
    yield "other-cards", partial(heap, cards, 180)
    yield "other-nuclei", partial(heap, SHARED / "segmentation/nuclei/images", 150)
    yield "other-captions", partial(captions, "val.en")
    yield "other-german", partial(captions, "val.de")
    yield "other-randomtext", letters
    yield "other-shuffledwords", shuffled_words


def reviews(name: str) -> tuple[FloatArray, IntArray]:
    from sklearn.datasets import load_svmlight_file

    file = SHARED / f"domain_adaptation/amazon_reviews_bow/{name}_train.svmlight"
    counts, signs = load_svmlight_file(str(file), n_features=5000, zero_based=True)
    order = np.random.default_rng(0).permutation(len(signs))
    rows = np.log1p(counts[order].toarray())
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), (signs[order] > 0).astype(int)


def pixels(name: str) -> tuple[FloatArray, IntArray]:
    found = np.load(SHARED / f"domain_adaptation/mnist_usps_16x16/{name}.npz")
    order = np.random.default_rng(0).permutation(len(found["y"]))[:800]
    return found["x"][order].reshape(len(order), -1), found["y"][order].astype(int)


def small_digits(name: str) -> tuple[FloatArray, IntArray]:
    rows, right = pixels(name)
    rows = (255 * rows / rows.max()).astype("uint8").reshape(-1, 16, 16)
    return on_lite([Image.fromarray(row).convert("RGB").resize((64, 64), 3) for row in rows]), right


def pictures(folder: Path, many: int, side: int, change: Change) -> tuple[FloatArray, IntArray]:
    files = drawn_files(folder)
    kinds = sorted({one.parent.name for one in files})
    per = max(1, many // len(kinds))
    some = [one for kind in kinds for one in [file for file in files if file.parent.name == kind][:per]]
    images = [change(opened(one, side)) for one in some]
    return on_lite(images), np.array([kinds.index(one.parent.name) for one in some])


def small_pictures(change: Change) -> tuple[FloatArray, IntArray]:
    """Forty classes of small photographs, at half the size that the base is used to."""
    archive = zipfile.ZipFile(SHARED / "image_classification/tinyimagenet100a.zip")
    names = sorted(one for one in archive.namelist() if one.endswith(".JPEG") and "/train/" in one)
    kinds = some_of(sorted({one.split("/")[2] for one in names}))
    some = [one for kind in kinds for one in [name for name in names if f"/{kind}/" in name][:OF_CLASS]]
    images = [change(Image.open(io.BytesIO(archive.read(one))).convert("RGB")) for one in some]
    return on_lite(images, 128), np.repeat(np.arange(CLASSES), OF_CLASS)


def sentences(name: str, look: str) -> tuple[FloatArray, IntArray]:
    rows = table(name)
    np.random.default_rng(0).shuffle(rows)
    rows = rows[:800]
    kinds = sorted({row["label"] for row in rows})
    return on_minilm([row["text"] for row in rows], look), np.array(
        [kinds.index(row["label"]) for row in rows]
    )


def requests(look: str) -> tuple[FloatArray, IntArray]:
    """Forty kinds of requests to a bank."""
    rows = table("banking77")
    kinds = some_of(sorted({row["label"] for row in rows}))
    np.random.default_rng(0).shuffle(rows)
    texts = [
        text for kind in kinds for text in [row["text"] for row in rows if row["label"] == kind][:OF_CLASS]
    ]
    return on_minilm(texts, look), np.repeat(np.arange(CLASSES), OF_CLASS)


def spoken(speaker: str) -> tuple[FloatArray, IntArray]:
    folder = SHARED / "speech/fsdd"
    rows = list(csv.DictReader((folder / "metadata.csv").open(encoding="utf-8")))
    rows = [row for row in rows if row["speaker"] == speaker]
    sounds = [(folder / row["file"]).read_bytes() for row in rows]
    found = on("builtin/whisper-tiny-en", "audio_classification", sounds)
    return found, np.array([int(row["label"]) for row in rows])


def heap(folder: Path, many: int) -> tuple[FloatArray, IntArray]:
    return nobody(on_lite([opened(one, 224) for one in drawn_files(folder)[:many]]))


def drawn_pictures(kind: str, many: int) -> tuple[FloatArray, IntArray]:
    draws = np.random.default_rng(0)
    shape = (64, 64, 3) if kind == "noise" else (1, 1, 3)
    values = [draws.integers(0, 256, shape).astype("uint8") for _ in range(many)]
    return nobody(on_lite([Image.fromarray(one).resize((64, 64), 0) for one in values]))


def scrambled() -> tuple[FloatArray, IntArray]:
    """Photographs of rubbish whose pixels are shuffled."""
    draws, images = np.random.default_rng(0), []
    for file in drawn_files(SHARED / "image_classification/trashnet")[:200]:
        values = np.asarray(opened(file, 64)).reshape(-1, 3)
        images.append(Image.fromarray(draws.permutation(values).reshape(64, 64, 3)))
    return nobody(on_lite(images))


def captions(name: str) -> tuple[FloatArray, IntArray]:
    return nobody(on_minilm((SHARED / "translation/multi30k" / name).read_text("utf-8").splitlines()[:400]))


def letters() -> tuple[FloatArray, IntArray]:
    draws, some = np.random.default_rng(0), list("abcdefghijklmnopqrstuvwxyz    ")
    return nobody(on_minilm(["".join(draws.choice(some, size=draws.integers(20, 90))) for _ in range(300)]))


def shuffled_words() -> tuple[FloatArray, IntArray]:
    words = " ".join(row["text"] for row in table("subjectivity")[:800]).split()
    draws = np.random.default_rng(0)
    return nobody(on_minilm([" ".join(draws.choice(words, size=draws.integers(6, 25))) for _ in range(400)]))


def nobody(features: FloatArray) -> tuple[FloatArray, IntArray]:
    return features, np.zeros(len(features), dtype=int)


def table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((SHARED / f"text_classification/{name}/train.csv").open(encoding="utf-8")))


def some_of(kinds: Sequence[str]) -> list[str]:
    return [kinds[at] for at in np.random.default_rng(5).permutation(len(kinds))[:CLASSES]]


def drawn_files(folder: Path) -> list[Path]:
    files = sorted(one for one in folder.rglob("*") if one.suffix.lower() in (".jpg", ".png", ".jpeg"))
    np.random.default_rng(1).shuffle(files)
    return files


def opened(file: Path, side: int) -> Image.Image:
    return Image.open(file).convert("RGB").resize((side, side), 3)


def on_lite(images: Sequence[Image.Image], side: int | None = None) -> FloatArray:
    sources = []
    for image in images:
        image.save(stream := io.BytesIO(), "PNG")
        sources.append(stream.getvalue())
    return on("builtin/efficientnet-lite0", "image_classification", sources, side)


def on_minilm(texts: Sequence[str], look: str = "plain") -> FloatArray:
    draws = np.random.default_rng(3)
    changed = [SPOKEN[look](text, draws).encode() for text in texts]
    return on("builtin/minilm", "text_classification", changed)


def on(name: str, task: str, sources: Sequence[bytes], side: int | None = None) -> FloatArray:
    """Features of a base, at another side of pictures where one is given."""
    modality = registry.get("tasks", task).modality
    base = load_base(name, modality.name)
    preprocess = base.preprocess if side is None else base.preprocess.at(side)
    inputs, network = modality.store(sources, preprocess), base.network().eval()
    parts = np.split(np.arange(len(sources)), range(BATCH, len(sources), BATCH))
    with torch.no_grad():
        return np.concatenate([network(inputs.batch(part)).numpy() for part in parts])


def main() -> None:
    """Writes `DIR/<set>-<look>.npz` with `x` (n, d) and `y` (n,), where it is not there yet."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=[""])
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for name, make in everything():
        file = asked.folder / f"{name}.npz"
        if not file.exists() and name.startswith(tuple(asked.only)):
            x, y = make()
            np.savez(file, x=np.asarray(x, dtype=np.float32), y=np.asarray(y))
            print(name, x.shape, flush=True)


if __name__ == "__main__":
    main()
