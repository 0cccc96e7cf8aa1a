"""Answers are right for exactly the pictures that the same seed gives, whatever the files are like."""

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from PIL import Image

from headstart.cache import Cache
from headstart.data.images.decode import decode
from headstart.data.images.store import PixelStore
from headstart.data.scenes import views as scene_views
from headstart.data.scenes.store import BoxStore, MaskStore
from headstart.errors import ContractError, DataError
from headstart.preprocessing.image import ImagePreprocess

SIDE = 64
PREPROCESS = ImagePreprocess(SIDE, (0.1, 0.2, 0.3), (0.2, 0.3, 0.25), "bilinear", 1.0, "squash")
FILL = (26, 51, 76)
LABELS = ("blue", "green", "red")
COLOURS = np.array([[0, 0, 255], [0, 255, 0], [255, 0, 0]])
WHITE, ONE = 3, np.array([0])
WIDTH, HEIGHT = 144, 96


def boxes_answer(boxes):
    return json.dumps({"boxes": boxes}, separators=(",", ":"), ensure_ascii=False)


def mask_answer(levels, classes, encoded):
    png = base64.b64encode(encoded(np.asarray(levels, np.uint8))).decode()
    return json.dumps({"classes": list(classes), "png": png}, separators=(",", ":"), ensure_ascii=False)


def places(seed):
    """A box of each colour, none over another, in a picture of 144 x 96: pixels."""
    draws = np.random.default_rng(seed)
    found = []
    for third in range(3):
        left, top = draws.integers(0, 12), draws.integers(0, 48)
        right, bottom = left + draws.integers(18, 36), top + draws.integers(20, 48)
        found.append((48 * third + left, top, 48 * third + right, bottom))
    return found


def levels(seed):
    """(height, width) number of the colour; 3 is white ground."""
    mask = np.full((HEIGHT, WIDTH), WHITE, np.uint8)
    for number, (left, top, right, bottom) in enumerate(places(seed)):
        mask[top:bottom, left:right] = number
    return mask


def fractions(seed):
    whole = np.array([WIDTH, HEIGHT, WIDTH, HEIGHT])
    return [
        [name, *np.round(box / whole, 6).tolist()] for name, box in zip(LABELS, places(seed), strict=True)
    ]


@pytest.fixture
def sources(encoded):
    colours = np.concatenate([COLOURS, [[255, 255, 255]]]).astype(np.uint8)
    return [encoded(colours[levels(seed)]) for seed in range(5)]


@pytest.fixture
def boxes(sources, tmp_path):
    answers = [boxes_answer(fractions(seed)) for seed in range(4)] + [boxes_answer([])]
    return BoxStore(sources, PREPROCESS, Cache(tmp_path), answers=answers, labels=LABELS)


@pytest.fixture
def masks(sources, tmp_path, encoded):
    answers = [mask_answer(levels(seed), [*LABELS, "white"], encoded) for seed in range(5)]
    return MaskStore(sources, PREPROCESS, Cache(tmp_path), answers=answers, labels=(*LABELS, "white"))


@pytest.fixture(params=["boxes", "masks"])
def store(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def plain(monkeypatch):
    """Views keep their colours."""
    monkeypatch.setattr(scene_views, "JITTER", 0.0)


def there(rows):
    """The boxes of a picture without what fills up."""
    return [row for row in rows.numpy() if row[0] >= 0]


def test_without_a_view_the_boxes_are_those_given(boxes):
    found = boxes.answers(np.array([2, 4, 0]))
    assert (found.shape, found.dtype) == ((3, 3, 5), torch.float32)
    for rows, seed in ((found[0], 2), (found[2], 0)):
        assert np.array_equal(
            rows[:, 1:].numpy(), np.array([box[1:] for box in fractions(seed)], dtype=np.float32)
        )
        assert rows[:, 0].tolist() == [0, 1, 2]
    assert (found[1] == -1).all()


def test_without_a_view_a_mask_is_the_whole_one(masks):
    found = masks.answers(np.array([3, 1]))
    assert (found.shape, found.dtype) == ((2, SIDE, SIDE), torch.int64)
    for mask, seed in zip(found.numpy(), (3, 1), strict=True):
        down, right = ((np.arange(SIDE) + 0.5) * side / SIDE for side in (HEIGHT, WIDTH))
        assert np.array_equal(mask, levels(seed)[np.ix_(down.astype(int), right.astype(int))])


def test_without_a_view_the_picture_is_the_whole_one(store, sources):
    rows = np.array([1, 4])
    expected = [decode(sources[row]).resize((SIDE, SIDE), Image.Resampling.BILINEAR) for row in rows]
    assert np.array_equal(store.encoded(rows), np.array([np.asarray(picture) for picture in expected]))


@pytest.mark.usefixtures("plain")
def test_in_every_view_each_colour_is_where_its_box_is(boxes):
    seen, rows = 0, np.arange(4)
    for view in range(80):
        pixels, answers = boxes.encoded(rows, view).astype(int), boxes.answers(rows, view)
        for picture, found in zip(pixels, answers, strict=True):
            for number, *box in there(found):
                down, right = np.nonzero(np.abs(picture - COLOURS[int(number)]).max(-1) < 128)
                place = [right.min(), down.min(), right.max() + 1, down.max() + 1]
                assert place == pytest.approx(np.array(box) * SIDE, abs=1.6), (view, number)
                seen += 1
    assert seen > 700


@pytest.mark.usefixtures("plain")
def test_in_every_view_each_pixel_has_the_class_of_its_colour(masks):
    colours = np.concatenate([COLOURS, [[255, 255, 255]]])
    agree, outside = [], 0
    for view in range(80):
        pixels, answers = masks.encoded(np.arange(4), view).astype(int), masks.answers(np.arange(4), view)
        canvas = (pixels == FILL).all(-1)
        assert np.array_equal(canvas, (answers == 255).numpy())
        outside += canvas.any()
        nearest = np.abs(pixels[:, :, :, None] - colours).sum(-1).argmin(-1)
        agree.append((nearest == answers.numpy())[~canvas].mean())
    assert min(agree) > 0.96
    assert outside > 30


def test_boxes_of_views_are_boxes(boxes):
    for view in range(60):
        for found in boxes.answers(np.arange(5), view):
            for _, left, top, right, bottom in there(found):
                assert 0 <= left < right <= 1
                assert 0 <= top < bottom <= 1


def test_rows_of_minus_one_fill_up_to_the_fullest_of_the_batch(boxes):
    found = boxes.answers(np.array([4, 0]))
    assert (found[0] == -1).all()
    assert (found[1, :, 0] >= 0).all()
    assert boxes.answers(np.array([4])).tolist() == [[[-1.0] * 5]]
    assert boxes.answers(np.array([4]), 3).tolist() == [[[-1.0] * 5]]
    assert boxes.answers(np.array([], dtype=np.int64)).shape == (0, 1, 5)


def test_views_repeat_with_their_seed_whatever_else_is_in_the_batch(store):
    for view in range(10):
        together = store.encoded(np.array([3, 1, 0]), view), store.answers(np.array([3, 1, 0]), view)
        alone = store.encoded(np.array([1]), view), store.answers(np.array([1]), view)
        assert np.array_equal(together[0][1], alone[0][0])
        assert np.array_equal(together[1][1][: alone[1].shape[1]], alone[1][0])
        assert (together[1][1][alone[1].shape[1] :] == -1).all()
    assert len({store.encoded(ONE, view).tobytes() for view in range(30)}) == 30


def test_equal_pictures_have_views_of_their_own(sources):
    answers = [boxes_answer(fractions(0))] * 8
    store = BoxStore(sources[:1] * 8, PREPROCESS, answers=answers, labels=LABELS)
    assert len({view.tobytes() for view in store.encoded(np.arange(8), 1)}) == 8
    assert len({rows.numpy().tobytes() for rows in store.answers(np.arange(8), 1)}) == 8


def test_answers_and_pictures_of_another_store_of_the_same_data_are_equal(masks, boxes, sources, tmp_path):
    for kept, answers in ((masks, masks._said), (boxes, boxes._said)):
        other = type(kept)(sources, PREPROCESS, None, answers=answers, labels=tuple(kept._numbers))
        assert torch.equal(other.answers(np.arange(5), 5), kept.answers(np.arange(5), 5))
        assert np.array_equal(other.encoded(np.arange(5), 5), kept.encoded(np.arange(5), 5))


def test_threads_at_once_get_what_one_gets(store):
    asked = [np.random.default_rng(n).integers(0, 5, 3) for n in range(30)]

    def both(rows):
        return store.encoded(rows, 3).tobytes(), store.answers(rows, 3).numpy().tobytes()

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(both, asked))
    assert together == [both(rows) for rows in asked]


def test_torchs_generator_is_left_alone(store):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first = store.encoded(ONE, 1)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(9)
    assert np.array_equal(store.encoded(ONE, 1), first)


def test_a_batch_is_what_is_encoded_prepared(store):
    batch = store.batch(np.array([1, 0]), 2)
    expected = store.encoded(np.array([1, 0]), 2) / 255 - np.array(PREPROCESS.mean)
    assert batch.dtype == torch.float32
    assert batch.is_contiguous(memory_format=torch.channels_last)
    assert np.allclose(batch.permute(0, 2, 3, 1), expected / np.array(PREPROCESS.std), atol=1e-5)


def test_the_canvas_is_almost_0_to_a_network(masks):
    view = next(view for view in range(50) if (masks.answers(ONE, view) == 255).any())
    canvas = masks.batch(ONE, view).permute(0, 2, 3, 1)[masks.answers(ONE, view) == 255]
    assert canvas.abs().max() < 0.01


def test_only_masks_are_seen_upside_down(boxes, masks, encoded, monkeypatch):
    """White above, black below: which end of a view is brighter says whether it was turned over."""
    monkeypatch.setattr(scene_views, "OUT", 0.0)
    ramp = np.linspace(255, 0, SIDE).astype(np.uint8)[:, None, None].repeat(SIDE, 1).repeat(3, 2)
    for store, least, most in ((boxes, 0, 0), (masks, 70, 130)):
        pages = type(store)([encoded(ramp)], PREPROCESS)
        views = np.concatenate([pages.encoded(ONE, view) for view in range(200)]).astype(float)
        turned = views[:, :8].mean((1, 2, 3)) < views[:, -8:].mean((1, 2, 3))
        assert least <= turned.sum() <= most


def test_boxes_of_foreign_names_are_left_out_and_such_regions_ignored(sources, encoded):
    answer = boxes_answer([["other", 0, 0, 0.5, 0.5], ["red", 0.25, 0.5, 0.75, 1]])
    store = BoxStore(sources[:1], PREPROCESS, answers=[answer], labels=LABELS)
    assert store.answers(ONE).tolist() == [[[2, 0.25, 0.5, 0.75, 1]]]
    halves = np.repeat([[0, 1, 255, 7]], 4, 0)
    store = MaskStore(
        sources[:1], PREPROCESS, answers=[mask_answer(halves, ["other", "red"], encoded)], labels=LABELS
    )
    quarter = SIDE // 4
    assert store.answers(ONE)[0, 0].tolist() == [255] * quarter + [2] * quarter + [255] * 2 * quarter


def test_without_answers_there_is_nothing_to_train_on(sources):
    assert BoxStore(sources, PREPROCESS).answers(np.arange(3), 1).tolist() == [[[-1.0] * 5]] * 3
    assert (MaskStore(sources, PREPROCESS).answers(np.arange(3), 1) == 255).all()


def test_a_mask_of_another_size_than_its_picture_covers_all_of_it(sources, encoded):
    answer = mask_answer([[0, 1], [1, 0]], LABELS[:2], encoded)
    found = MaskStore(sources[:1], PREPROCESS, answers=[answer], labels=LABELS).answers(ONE)[0]
    half = SIDE // 2
    expected = np.kron([[0, 1], [1, 0]], np.ones((half, half)))
    assert np.array_equal(found, expected)


def test_answers_are_read_when_they_are_asked_for_and_once(sources, monkeypatch):
    from headstart.data.scenes import store as scenes

    answers = [boxes_answer(fractions(0)), "broken"]
    store = BoxStore(sources[:2], PREPROCESS, answers=answers, labels=LABELS)
    first = store.answers(ONE, 1)
    monkeypatch.setattr(scenes.json, "loads", lambda _: pytest.fail("read again"))
    assert torch.equal(store.answers(ONE, 1), first)


@pytest.mark.parametrize(
    "answer",
    ["", "[]", "{}", '{"boxes":[["red",0,1]]}', '{"boxes":[["red",0,0,"x",1]]}', '{"boxes":3}', "9" * 200],
)
def test_an_answer_that_has_no_boxes_in_it_is_told(sources, answer):
    with pytest.raises(DataError, match="not an answer with places"):
        BoxStore(sources[:1], PREPROCESS, answers=[answer], labels=LABELS).answers(ONE)


@pytest.mark.parametrize("answer", ["", "{}", '{"classes":["red"],"png":"?"}', '{"classes":3,"png":""}'])
def test_an_answer_that_is_no_mask_is_told(sources, answer):
    with pytest.raises(DataError, match="not an answer with places"):
        MaskStore(sources[:1], PREPROCESS, answers=[answer], labels=LABELS).answers(ONE)


def test_a_mask_that_does_not_decode_is_told(sources, masks):
    cut = json.loads(masks._said[0])
    cut["png"] = base64.b64encode(base64.b64decode(cut["png"])[:-40]).decode()
    with pytest.raises(DataError, match="truncated or damaged"):
        MaskStore(sources[:1], PREPROCESS, answers=[json.dumps(cut)], labels=LABELS).answers(ONE)


def test_more_classes_than_a_mask_can_hold_are_refused(sources):
    MaskStore(sources, PREPROCESS, labels=[str(number) for number in range(255)])
    with pytest.raises(DataError, match="at most 255 classes"):
        MaskStore(sources, PREPROCESS, labels=[str(number) for number in range(256)])


@pytest.mark.parametrize("changes", [("center", 1.0), ("squash", 0.875)])
def test_a_preprocessing_that_cuts_is_refused(sources, changes):
    fraction, mode = changes[::-1]
    with pytest.raises(ContractError, match="all of the picture"):
        BoxStore(sources, ImagePreprocess(SIDE, (0, 0, 0), (1, 1, 1), "bilinear", fraction, mode))


def test_what_else_inputs_have_is_the_pictures(store, sources, tmp_path):
    pictures, rows = PixelStore(sources, PREPROCESS, Cache(tmp_path)), np.arange(5)
    assert len(store) == 5
    assert store.augments
    assert np.array_equal(store.ordered(rows[::-1]), rows[::-1])
    assert np.array_equal(store.grey(rows), pictures.grey(rows))
    assert np.array_equal(store.thumbnails(rows, 4), pictures.thumbnails(rows, 4))
    assert np.array_equal(store.distorted().encoded(rows, 3), pictures.distorted().encoded(rows, 3))


def test_squares_are_decoded_once(store, monkeypatch):
    first = store.encoded(np.arange(5), 1)
    monkeypatch.setattr("headstart.data.images.store.square", lambda *_: pytest.fail("decoded again"))
    assert np.array_equal(store.encoded(np.arange(5), 1), first)


# Files as cameras, scanners and editors write them: black in a known place, seen upright, white elsewhere.

PLACE = (0.25, 0.5, 0.5, 0.875)
"""Left, top, right, bottom of the black thing."""
UNDO = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
"""EXIF orientation -> Pillow's number of what turns the upright picture into the stored one."""


def page(width=96, height=64, place=PLACE):
    pixels = np.full((height, width, 3), 255, np.uint8)
    left, top, right, bottom = (
        round(part * side) for part, side in zip(place, (width, height) * 2, strict=True)
    )
    pixels[top:bottom, left:right] = 0
    return pixels


def grey(encoded):
    return encoded(page()[..., 0])


def sixteen_bits(encoded):
    return encoded(page()[..., 0].astype(np.uint16) * 257)


def cmyk(encoded):
    return encoded(page(), "JPEG", mode="CMYK", quality=95)


def animated(encoded):
    second = Image.fromarray(page(place=(0.5, 0, 1, 0.5)))
    return encoded(page(), "GIF", save_all=True, append_images=[second])


def alpha(encoded):
    """What is white elsewhere is transparent black here."""
    black = np.zeros((64, 96, 4), np.uint8)
    black[..., 3] = 255 - page()[..., 0]
    return encoded(black)


def palette(encoded):
    return encoded(page(), "PNG", mode="P")


def one_bit(encoded):
    return encoded(page(), "TIFF", mode="1")


def twenty_megapixels(encoded):
    return encoded(page(5472, 3648), "JPEG")


def rotated(orientation):
    def kind(encoded):
        stored, exif = Image.fromarray(page()), Image.Exif()
        exif[0x0112] = orientation
        if UNDO[orientation] is not None:
            stored = stored.transpose(Image.Transpose(UNDO[orientation]))
        return encoded(stored, "JPEG", exif=exif, quality=95)

    kind.__name__ = f"orientation_{orientation}"
    return kind


KINDS = [grey, sixteen_bits, cmyk, animated, alpha, palette, one_bit, twenty_megapixels]
KINDS += [rotated(value) for value in UNDO]


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_thing_is_where_its_answer_says_whatever_the_file(encoded, kind):
    source = kind(encoded)
    how = ImagePreprocess(SIDE, (1, 1, 1), (1, 1, 1), "bilinear", 1.0, "squash")  # the canvas is white, too
    boxes = BoxStore([source], how, answers=[boxes_answer([["red", *PLACE]])], labels=LABELS)
    answer = mask_answer(page()[..., 0] // 255, ["blue", "green"], encoded)
    masks = MaskStore([source], how, answers=[answer], labels=LABELS)
    for view in (None, 0, 1, 2, 3):
        ((number, *box),) = there(boxes.answers(ONE, view)[0])
        dark = boxes.encoded(ONE, view)[0].max(-1) < 128
        down, right = np.nonzero(dark)
        found = np.array([right.min(), down.min(), right.max() + 1, down.max() + 1])
        assert number == 2
        assert found == pytest.approx(np.array(box) * SIDE, abs=1.6)
        dark = masks.encoded(ONE, view)[0].max(-1) < 128
        assert (dark == (masks.answers(ONE, view)[0].numpy() == 0)).mean() > 0.97


def test_a_view_and_its_answer_take_less_than_a_small_network(encoded, noise, tmp_path):
    """Work of this thread, not time: other processes beside it change little, and both alike."""
    sources, preprocess = [encoded(noise(0, 320, 320))], PREPROCESS.at(320)
    answer = boxes_answer([["red", 0.1, 0.1, 0.5, 0.5]] * 20)
    store = BoxStore(sources, preprocess, Cache(tmp_path), answers=[answer], labels=LABELS)
    store.encoded(ONE), store.answers(ONE)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 64, 7, 2), *(torch.nn.Conv2d(64, 64, 3) for _ in range(4))
    )
    picture, taken, passed = torch.zeros(1, 3, 320, 320), [], []
    for view in range(5):
        start = time.thread_time()
        store.encoded(ONE, view), store.answers(ONE, view)
        between = time.thread_time()
        with torch.no_grad():
            network(picture)
        taken.append(between - start)
        passed.append(time.thread_time() - between)
    assert min(taken) < min(passed)
