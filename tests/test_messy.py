"""A folder with everything that goes wrong in real folders: the run ends, and says what it left out."""

from __future__ import annotations

import shutil
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from pictures import write_folder
from stories import PLENTY, said


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it is 30,000 pixels a side."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.fixture
def messy(tmp_path) -> Path:
    """Everything that goes wrong in real folders, at once."""
    folder = write_folder(
        tmp_path / "messy", classes=("ñandú", "red fox"), per_class=8, splits=("train", "test"), suffix=".jpg"
    )
    birds, foxes = folder / "train" / "ñandú", folder / "train" / "red fox"
    (birds / "text.jpg").write_text("this is no picture")
    (birds / "nothing.png").write_bytes(b"")
    whole = (birds / "ñandú_000.jpg").read_bytes()
    (birds / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (birds / "bomb.png").write_bytes(bomb())
    outside = tmp_path / "outside.png"
    Image.new("RGB", (32, 32), "red").save(outside)
    (birds / "link.png").symlink_to(outside)
    (folder / "train" / "just one").mkdir()
    Image.new("RGB", (32, 32), "blue").save(folder / "train" / "just one" / "the only ☂.png")
    for number in range(5):
        shutil.copy(foxes / f"red fox_{number:03}.jpg", folder / "test" / "red fox" / f"copy {number}.jpg")
    return folder


def test_a_messy_folder_ends_well_and_nothing_is_lost_silently(messy, tiny_base, tmp_path, short):
    out = tmp_path / "run"
    done = said(
        *("run", messy, "--base", tiny_base, "--strategy", "frozen"),
        *("--minutes", PLENTY, "--out", out, "--json"),
    )
    assert done.code == 0, done.err
    data = done.json["data"]
    dropped = {item["file"]: item["reason"] for item in data["dropped"]["items"]}
    assert data["dropped"]["count"] == len(data["dropped"]["items"]) == len(dropped)
    spoilt = {
        "train/ñandú/text.jpg": "not an image",
        "train/ñandú/nothing.png": "empty file",
        "train/ñandú/cut.jpg": "truncated",
        "train/ñandú/bomb.png": "30000 x 30000",
        "train/ñandú/link.png": "outside",
    }
    leaked = {f"train/red fox/red fox_{number:03}.jpg": f"copy {number}.jpg" for number in range(5)}
    assert set(dropped) == {*spoilt, *leaked}
    for file, word in {**spoilt, **leaked}.items():
        assert word in dropped[file], (file, dropped[file])
    findings = {finding["kind"]: finding for finding in data["findings"]}
    assert findings["leak"]["count"] == 5
    assert sorted(findings["leak"]["items"]) == sorted(leaked)
    assert any(text.startswith("just one:") for text in findings["few_examples"]["items"])
    used = data["train"] + data["validation"] + data["test"]
    assert used + data["dropped"]["count"] == sum(1 for path in messy.rglob("*") if not path.is_dir())
    page = (out / "report.html").read_text("utf-8")
    assert all(Path(file).name in page for file in dropped)
