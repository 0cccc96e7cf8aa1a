"""What is painted into a picture is found in each view where its boxes and its mask say."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.stats import kstest, uniform

from headstart.data.scenes import views as scene_views
from headstart.data.scenes.views import Move, drawn, moved_boxes, moved_mask, moved_picture, recoloured

SIDE = 64
FILL = (10, 20, 30)
WHOLE = (0, 0, SIDE, SIDE)
COLOURS = np.array([[255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [0, 255, 255]])
"""Of the ground, then of each box."""


def moves(count=300, down=True, side=SIDE):
    return [drawn(side, np.random.default_rng(seed), down) for seed in range(count)]


def painted(seed, side=SIDE):
    """A picture, its mask (0 is the ground) and boxes, one in each quarter of it."""
    draws, half = np.random.default_rng(seed), side // 2
    mask = np.zeros((side, side), np.uint8)
    boxes = []
    for number, (row, column) in enumerate(np.ndindex(2, 2), start=1):
        (left, right), (top, bottom) = (np.sort(draws.choice(half - 1, 2, False)) for _ in range(2))
        box = np.array([column * half + left, row * half + top, column * half + right, row * half + bottom])
        mask[box[1] : box[3], box[0] : box[2]] = number
        boxes.append(box)
    return COLOURS[mask].astype(np.uint8), mask, torch.tensor(np.array(boxes) / side, dtype=torch.float32)


def found(view, number):
    """Where a colour is, in pixels; a pixel counts by the half."""
    down, right = np.nonzero(np.abs(view.astype(float) - COLOURS[number]).max(-1) < 128)
    return np.array([right.min(), down.min(), right.max() + 1, down.max() + 1])


def test_each_painted_box_is_where_its_moved_box_says():
    seen = 0
    for seed, move in enumerate(moves()):
        pixels, _, boxes = painted(seed)
        view = moved_picture(pixels, move, FILL)
        moved, kept = moved_boxes(boxes, move)
        for number, box in zip(1 + np.flatnonzero(kept), moved.numpy() * SIDE, strict=True):
            if (box[2:] - box[:2] > 2).all():  # of thinner ones the colour is blurred away
                place = found(view, number)
                assert np.abs(place - box).max() <= 1.5, (seed, number, place, box)
                seen += 1
    assert seen > 600


def test_a_box_is_left_out_only_where_little_of_it_is_seen():
    dropped = 0
    for seed, move in enumerate(moves()):
        pixels, _, boxes = painted(seed)
        view = moved_picture(pixels, move, FILL)
        _, kept = moved_boxes(boxes, move)
        enlarged = (move.place[2] - move.place[0]) * (move.place[3] - move.place[1])
        enlarged /= (move.window[2] - move.window[0]) * (move.window[3] - move.window[1])
        for number in range(1, 5):
            left, top, right, bottom = boxes[number - 1].numpy() * SIDE
            if min(right - left, bottom - top) < 5:
                continue
            pixels_seen = (np.abs(view.astype(float) - COLOURS[number]).max(-1) < 128).sum()
            share = pixels_seen / ((right - left) * (bottom - top) * enlarged)
            if abs(share - 0.3) > 0.12:
                assert bool(kept[number - 1]) == (share > 0.3), (seed, number, share)
                dropped += not kept[number - 1]
    assert dropped > 20


def test_a_mask_says_what_is_painted_and_the_canvas_is_ignored():
    agree = []
    for seed, move in enumerate(moves(150)):
        pixels, mask, _ = painted(seed)
        view, moved = moved_picture(pixels, move, FILL).astype(int), moved_mask(mask, move)
        canvas = (view == FILL).all(-1)
        assert np.array_equal(canvas, moved == 255)
        nearest = np.abs(view[:, :, None] - COLOURS[None, None]).sum(-1).argmin(-1)
        agree.append((nearest == moved)[~canvas].mean())
    assert min(agree) > 0.94
    assert np.mean(agree) > 0.99


def test_a_mask_is_not_even_half_a_pixel_beside_its_picture():
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    pixels[20:45, 17:40] = 255
    beside = []
    for move in moves(150):
        weights = moved_picture(pixels, move, (0, 0, 0))[..., 0] / 255
        ones = moved_mask((pixels[..., 0] == 255).astype(np.uint8), move) == 1
        if weights[[0, -1]].sum() + weights[:, [0, -1]].sum() == 0:  # nothing of it is cut off
            middles = [np.argwhere(w > -1).T @ w.ravel() / w.sum() for w in (weights, ones.astype(float))]
            beside.append(np.abs(middles[0] - middles[1]))
    assert len(beside) > 30
    assert np.mean(beside) < 0.2


def test_each_end_of_a_move_by_hand():
    pixels, mask, _ = painted(0)
    boxes = torch.tensor([[0.25, 0.5, 0.5, 0.75], [0.0, 0.0, 0.25, 0.25]])
    same = Move(SIDE, WHOLE, WHOLE, False, False)
    assert np.array_equal(moved_picture(pixels, same, FILL), pixels)
    assert np.array_equal(moved_mask(mask, same), mask)
    assert torch.equal(moved_boxes(boxes, same)[0], boxes)
    mirrored = Move(SIDE, WHOLE, WHOLE, True, False)
    assert np.array_equal(moved_picture(pixels, mirrored, FILL), pixels[:, ::-1])
    assert np.array_equal(moved_mask(mask, mirrored), mask[:, ::-1])
    assert moved_boxes(boxes, mirrored)[0].tolist() == [[0.5, 0.5, 0.75, 0.75], [0.75, 0.0, 1.0, 0.25]]
    turned = Move(SIDE, WHOLE, WHOLE, False, True)
    assert np.array_equal(moved_picture(pixels, turned, FILL), pixels[::-1])
    assert moved_boxes(boxes, turned)[0].tolist() == [[0.25, 0.25, 0.5, 0.5], [0.0, 0.75, 0.25, 1.0]]
    quarter = Move(SIDE, (16, 32, 48, 64), WHOLE, False, False)
    moved, kept = moved_boxes(boxes, quarter)
    assert moved.tolist() == [[0.0, 0.0, 0.5, 0.5]]
    assert kept.tolist() == [True, False]
    shrunken = Move(SIDE, WHOLE, (16, 8, 48, 40), False, False)
    assert moved_boxes(boxes, shrunken)[0].tolist() == [[0.375, 0.375, 0.5, 0.5], [0.25, 0.125, 0.375, 0.25]]
    view = moved_picture(pixels, shrunken, FILL)
    assert (view[:8] == FILL).all()
    assert (view[40:] == FILL).all()
    assert not (view[8:40, 16:48] == FILL).all(-1).any()


@pytest.mark.parametrize(("visible", "kept"), [(0.29, False), (0.31, True)])
def test_a_box_is_kept_by_the_share_that_is_seen(visible, kept):
    window = (32, 0, 64, 64)
    box = torch.tensor([[32 - 20 * (1 - visible), 10, 32 + 20 * visible, 30]]) / SIDE
    assert moved_boxes(box, Move(SIDE, window, WHOLE, False, False))[1].tolist() == [kept]


@pytest.mark.parametrize(("thick", "kept"), [(1.9, False), (2.1, True)])
def test_a_box_that_is_thinner_than_a_pixel_of_the_view_is_left_out(thick, kept):
    shrunken = Move(SIDE, WHOLE, (0, 0, 32, 32), False, False)
    for box in ([10, 10, 40, 10 + thick], [10, 10, 10 + thick, 40]):
        assert moved_boxes(torch.tensor([box]) / SIDE, shrunken)[1].tolist() == [kept]


def test_boxes_stay_in_the_picture_and_keep_their_order():
    draws = np.random.default_rng(0)
    for move in moves(200):
        corners = np.sort(draws.random((30, 2, 2)), axis=1).reshape(30, 4).astype(np.float32)
        moved, kept = moved_boxes(torch.from_numpy(corners), move)
        assert moved.dtype == torch.float32
        assert len(moved) == kept.sum()
        assert ((moved >= 0) & (moved <= 1)).all()
        assert (moved[:, :2] < moved[:, 2:]).all()


def test_no_box_is_moved_to_no_box():
    for move in moves(20):
        moved, kept = moved_boxes(torch.empty(0, 4), move)
        assert (moved.shape, kept.shape) == ((0, 4), (0,))


def test_moves_have_the_ranges_and_probabilities_that_are_documented():
    many = moves(4000, side=1000)
    out = np.array([move.place != (0, 0, 1000, 1000) for move in many])
    assert out.mean() == pytest.approx(1 / 3, abs=0.03)
    assert np.mean([move.across for move in many]) == pytest.approx(0.5, abs=0.03)
    assert np.mean([move.down for move in many]) == pytest.approx(0.5, abs=0.03)
    places = np.array([move.place for move in many])[out]
    sides = places[:, 2:] - places[:, :2]
    assert (sides[:, 0] == sides[:, 1]).all()
    assert kstest(sides[:, 0], uniform(500, 500).cdf).pvalue > 0.01
    assert kstest(places[:, 0] / np.maximum(1, 1000 - sides[:, 0]), uniform.cdf).pvalue > 0.01
    windows = np.array([move.window for move in many])
    sides = windows[:, 2:] - windows[:, :2]
    assert (sides[out] == 1000).all()
    assert (sides.prod(1) >= 0.499e6).all()
    assert (np.abs(np.log(sides[:, 0] / sides[:, 1])) <= np.log(4 / 3) + 0.01).all()
    assert (windows >= 0).all()
    assert (windows <= 1000).all()


def test_without_leave_nothing_is_upside_down():
    free, upright = moves(100), moves(100, down=False)
    assert any(move.down for move in free)
    assert not any(move.down for move in upright)
    assert [move.window for move in free] == [move.window for move in upright]


@pytest.mark.parametrize("side", [1, 2, 3, 33])
def test_small_pictures_have_views(side):
    pixels, mask = np.full((side, side, 3), 200, np.uint8), np.zeros((side, side), np.uint8)
    for move in moves(40, side=side):
        assert moved_picture(pixels, move, FILL).shape == (side, side, 3)
        assert moved_mask(mask, move).shape == (side, side)


def test_colours_change_a_little_and_places_do_not(noise):
    pixels = np.full((8, 8, 3), 100, np.uint8)
    changed = np.array([recoloured(pixels, np.random.default_rng(seed))[0, 0] for seed in range(300)])
    assert (changed == changed[:, :1]).all(), "grey stays grey"
    assert changed.min() >= 69
    assert changed.max() <= 131
    assert changed.min() < 75
    assert changed.max() > 125
    some = noise(0, 32, 32)
    strong = [recoloured(some, np.random.default_rng(seed)) for seed in range(20)]
    assert all(np.corrcoef(some.ravel(), other.ravel())[0, 1] > 0.8 for other in strong)
    assert len({other.tobytes() for other in strong}) == 20


@pytest.mark.parametrize("change", ["Brightness", "Contrast", "Color"])
def test_each_colour_change_is_made(change, monkeypatch):
    """With the two others left out, pictures differ still."""
    for name in {"Brightness", "Contrast", "Color"} - {change}:
        monkeypatch.setattr(
            scene_views.ImageEnhance, name, lambda picture: SimpleNamespace(enhance=lambda _: picture)
        )
    pixels = np.array([[[100, 50, 20], [40, 40, 40]]], dtype=np.uint8)
    assert len({recoloured(pixels, np.random.default_rng(seed)).tobytes() for seed in range(10)}) > 5


@pytest.mark.parametrize("threads", [2, 3])
def test_the_number_of_threads_changes_nothing(threads, noise):
    pixels = noise(0, 321, 321)

    def views():
        found = []
        for seed in range(6):
            draws = np.random.default_rng(seed)
            move = drawn(321, draws, True)
            found.append(moved_picture(recoloured(pixels, draws), move, FILL).tobytes())
        return found

    alone = views()
    torch.set_num_threads(threads)
    assert views() == alone


def test_no_argument_is_changed_and_no_global_generator_is_used(noise):
    pixels, mask = noise(0, SIDE, SIDE), noise(1, SIDE, SIDE)[..., 0].copy()
    boxes = torch.tensor([[0.2, 0.2, 0.9, 0.9]])
    before = pixels.copy(), mask.copy(), boxes.clone(), torch.get_rng_state()
    for move in moves(20):
        moved_picture(recoloured(pixels, np.random.default_rng(0)), move, FILL)
        moved_mask(mask, move), moved_boxes(boxes, move)
    assert np.array_equal(pixels, before[0])
    assert np.array_equal(mask, before[1])
    assert torch.equal(boxes, before[2])
    assert torch.equal(torch.get_rng_state(), before[3])


def test_threads_get_the_same_views(noise):
    pixels = noise(0, SIDE, SIDE)

    def view(seed):
        draws = np.random.default_rng(seed)
        move = drawn(SIDE, draws, True)
        return moved_picture(recoloured(pixels, draws), move, FILL).tobytes()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(view, range(60))) == [view(seed) for seed in range(60)]
