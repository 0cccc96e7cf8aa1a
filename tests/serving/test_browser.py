"""The page in a real browser, which finds no other machine."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from PIL import Image

import dense
import serial
import sounds
from browsers import barriers, chromium
from served import served

FLAGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
PAINTED = """() => {
    const canvas = document.querySelector(".scene canvas");
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels.filter((value, i) => i % 4 === 3 && value > 0).length / (canvas.width * canvas.height);
}"""
"""Which share of a mask is coloured."""
SIZES = [(1280, "light"), (400, "dark")]


@pytest.fixture(scope="module")
def browser():
    with chromium(*FLAGS) as found:
        yield found


@pytest.fixture
def opened(browser):
    """`opened(service, width, scheme)` is its page; nothing may go wrong in it, or be asked elsewhere."""
    contexts, wrong = [], []

    def show(service, width=1280, scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            permissions=["camera", "microphone"],
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: _is_fault(said) and wrong.append(said.text))
        page.on("request", lambda asked: _is_ours(asked.url, service) or wrong.append(asked.url))
        page.goto(service.url)
        return page

    yield show
    for context in contexts:
        context.close()
    assert wrong == []


def _is_fault(said):
    """What a browser says of a status is what the page says in words."""
    return said.type == "error" and "status of 422" not in said.text


def _is_ours(url, service):
    return url.startswith((service.url, "data:", "blob:"))


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_a_picture_is_chosen_answered_and_corrected(opened, pictures, finished, width, scheme):
    page = opened(pictures, width, scheme)
    file = sorted(finished.data.rglob("*.png"))[0]
    page.set_input_files("input[type=file]", file)
    page.wait_for_selector(".bars li.chosen")
    assert page.locator(".bars li").count() == 3
    assert page.inner_text(".name") == file.name
    page.click("text=This is wrong")
    page.select_option("select", "triangle")
    page.click("button[type=submit]")
    page.wait_for_selector("text=Saved in")
    with (pictures.folder / "metadata.csv").open() as stream:
        assert [row[1] for row in csv.reader(stream)][-1] == "triangle"
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "it has to be scrolled sideways"


def test_examples_of_the_test_split_are_answered_and_not_corrected(opened, pictures):
    page = opened(pictures)
    page.click("#examples li:nth-child(2) button")
    page.wait_for_selector(".bars")
    assert page.locator(".correcting").count() == 0, "what is tested is not learned from"


def test_a_picture_of_the_camera(opened, pictures):
    page = opened(pictures)
    page.click("text=Use the camera")
    page.click("text=Take the picture")
    page.wait_for_selector(".bars")
    assert page.inner_text(".name") == "camera.png"


def test_a_text_is_typed_and_the_threshold_is_drawn(opened, texts):
    page = opened(texts)
    page.fill("textarea", "<b>lovely</b> songs")
    page.click("text=Ask")
    page.wait_for_selector(".bars line", state="attached")
    assert page.inner_text("blockquote") == "<b>lovely</b> songs", "a text is no markup"
    x = float(page.get_attribute(".bars line", "x1"))
    assert x == pytest.approx(100 * texts.service.threshold)


def test_a_table_is_dropped(opened, texts, tmp_path):
    page = opened(texts)
    (tmp_path / "t.csv").write_text("text\nlovely\ndull\n")
    page.set_input_files("input[type=file]", tmp_path / "t.csv")
    page.wait_for_selector(".answer:nth-child(2)")
    assert page.inner_text("#state") == "2 answers"


def test_a_forecast_is_drawn(opened, series, tmp_path):
    page = opened(series, 400, "dark")
    serial.long_table(2, 40).to_csv(tmp_path / "t.csv", index=False)
    page.set_input_files("input[type=file]", tmp_path / "t.csv")
    page.wait_for_selector(".chart >> nth=1")
    assert page.get_attribute(".chart .next >> nth=0", "d").count("L") == 6, "from the last value on"
    assert page.locator("table >> nth=0").locator("td").count() == 6 * 4
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_cells_of_a_spreadsheet_are_pasted(opened, series):
    page = opened(series)
    table = serial.long_table(1, 40).to_csv(index=False, sep="\t")
    page.fill("textarea", table)
    page.click("button.first")
    page.wait_for_selector(".chart")


def test_a_sound_is_recorded(opened, recordings):
    page = opened(recordings)
    page.click("button:has-text('Record')")
    page.wait_for_selector("button:has-text('Stop')")
    page.wait_for_timeout(700)
    page.click("button:has-text('Stop')")
    page.wait_for_selector(".bars")
    assert page.inner_text(".name") == "recording.wav"
    assert page.get_attribute("audio", "src").startswith("data:audio/")


def test_what_cannot_be_used_is_said(opened, texts, tmp_path):
    page = opened(texts)
    (tmp_path / "t.txt").write_bytes(b"")
    page.set_input_files("input[type=file]", tmp_path / "t.txt")
    page.wait_for_selector(".problem")
    assert "empty" in page.inner_text(".problem")


@pytest.mark.parametrize("task", ["object_detection", "segmentation"])
def test_places_have_a_legend_and_a_slider(opened, tiny_base, tmp_path, task):
    with served(dense.write_bundle(tmp_path / "bundle", task, tiny_base)) as service:
        page = opened(service)
        scene = dense.picture(tmp_path / "scene.png")
        page.set_input_files("input[type=file]", scene)
        page.wait_for_selector(".scene img")
        (record,) = service.files("/predict", ("scene.png", scene.read_bytes())).records
        if task == "object_detection":
            assert page.locator(".scene rect").count() == len(record["boxes"])
            page.locator("input[type=range]").fill("1")
            assert page.locator(".scene rect:not([hidden])").count() == 0
            return
        shares = [name for name, share in record["shares"].items() if share]
        assert page.locator(".legend li").count() == len(shares)
        while page.evaluate(f"({PAINTED})()") < 0.5:
            page.wait_for_timeout(50)
        page.locator("input[type=range]").fill("0.25")
        assert page.evaluate("document.querySelector('.scene canvas').style.opacity") == "0.25"
        for name in shares:
            page.uncheck(f".legend label:has-text('{name}') input")
        assert page.evaluate(f"({PAINTED})()") == 0


@pytest.mark.parametrize("width", [1280, 400])
def test_boxes_are_drawn_typed_and_removed(opened, tiny_base, tmp_path, width):
    bundle = dense.write_bundle(tmp_path / "bundle", "object_detection", tiny_base)
    with served(bundle, tmp_path / "corrections") as service:
        page = opened(service, width)
        page.set_input_files("input[type=file]", dense.picture(tmp_path / "scene.png"))
        page.click("text=This is wrong")
        while page.locator(".drawn button").count():
            page.locator(".drawn button").first.click()
        _drag(page, page.locator(".drawable svg"), (0.1, 0.8), (0.5, 0.2))
        page.select_option(".drawn select", "dog")
        page.click("text=Add a box")
        page.locator(".drawn input[aria-label=left]").nth(1).fill("3")
        assert page.locator(".drawable rect").count() == 2
        assert barriers(page, unsure=False) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.click("button[type=submit]")
        page.wait_for_selector("text=Saved in")
        (line,) = (tmp_path / "corrections" / "metadata.jsonl").read_text("utf-8").splitlines()
    told = json.loads(line)["objects"]
    assert told["categories"] == ["dog", "cat"]
    assert told["bbox"][0] == pytest.approx([9, 10, 36, 30], abs=1.5), "of 90 by 50 pixels"
    assert told["bbox"][1][0] == 3


READY = "document.querySelector('.drawable canvas').width === 90"
"""Has the mask been read, of 90 by 50 pixels?"""


@pytest.mark.parametrize("width", [1280, 400])
def test_a_mask_is_painted_taken_back_and_saved(opened, tiny_base, tmp_path, width):
    bundle = dense.write_bundle(tmp_path / "bundle", "segmentation", tiny_base)
    with served(bundle, tmp_path / "corrections") as service:
        page = opened(service, width)
        page.set_input_files("input[type=file]", dense.picture(tmp_path / "scene.png"))
        page.click("text=This is wrong")
        page.wait_for_function(READY)
        labels = page.locator("select[aria-label='class to replace'] option").all_inner_texts()
        ground, thing = labels[0], labels[1]
        page.select_option("select[aria-label='class to paint']", ground)
        for label in labels[1:]:
            page.select_option("select[aria-label='class to replace']", label)
            page.click("text=Paint all of it")
        page.select_option("select[aria-label='class to paint']", thing)
        page.locator("input[aria-label^='width of the brush']").fill("10")
        _drag(page, page.locator(".drawable canvas"), (0.2, 0.5), (0.8, 0.5))
        page.select_option("select[aria-label='class to paint']", "not known")
        _drag(page, page.locator(".drawable canvas"), (0.1, 0.1), (0.9, 0.1))
        page.click("text=Take back")
        assert barriers(page, unsure=False) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.click("button[type=submit]")
        page.wait_for_selector("text=Saved in")
    (file,) = (tmp_path / "corrections").glob("*_mask.png")
    mask = np.array(Image.open(file))
    down, across = np.nonzero(mask == 1)
    assert set(np.unique(mask)) == {0, 1}
    assert (mask.shape, across.min(), across.max(), down.min(), down.max()) == (
        (50, 90),
        pytest.approx(13, abs=1.5),
        pytest.approx(76, abs=1.5),
        pytest.approx(20, abs=1.5),
        pytest.approx(29, abs=1.5),
    )


def _drag(page, element, start, end):
    """Press, move and let go, at fractions of an element's sides."""
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1])
    page.mouse.up()


def test_where_nothing_is_corrected_it_says_so(opened, series, texts):
    assert "not corrected here" in opened(series).locator("#uncorrected").inner_text()
    assert not opened(texts).locator("#uncorrected").is_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (400, "light")])
@pytest.mark.parametrize("asked", ["pictures", "texts", "series", "recordings"])
def test_the_page_keeps_nobody_out(opened, request, finished, tmp_path, asked, width, scheme):
    service = request.getfixturevalue(asked)
    page = opened(service, width, scheme)
    asks = {
        "pictures": ("a.png", sorted(finished.data.rglob("*.png"))[0].read_bytes()),
        "texts": ("a.txt", b"lovely songs"),
        "series": ("a.csv", serial.long_table(1, 40).to_csv(index=False).encode()),
        "recordings": ("a.wav", sounds.wav(sounds.tone())),
    }
    name, content = asks[asked]
    (tmp_path / name).write_bytes(content)
    page.set_input_files("input[type=file]", tmp_path / name)
    page.wait_for_selector(".answer")
    for button in page.locator("text=This is wrong").all():
        button.click()
    assert barriers(page, unsure=width > 1000) == []
