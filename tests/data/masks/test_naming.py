"""What values of masks mean is decided over the whole set, and told where it was guessed."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from headstart.data.answers.masks import IGNORED, mask_of
from headstart.data.masks.class_names import ClassNames
from headstart.data.masks.rows import Pair, rows_of
from headstart.data.reading import Reading
from headstart.errors import DataError

SIDE = 64


@pytest.fixture
def rows(tmp_path):
    """`rows([mask, ...], named, suffix, masks="classes")` writes pairs and gives their listing."""

    def read(found, named=None, suffix=".png", **options):
        pairs = []
        for number, mask in enumerate(found):
            image, file = tmp_path / f"images/{number}.png", tmp_path / f"masks/{number}{suffix}"
            for path in (image, file):
                path.parent.mkdir(exist_ok=True)
            mask = (
                mask
                if isinstance(mask, Image.Image)
                else Image.fromarray(np.array(mask, getattr(mask, "dtype", np.uint8)))
            )
            Image.new("RGB", mask.size).save(image)
            mask.save(file)
            pairs.append(Pair(image, file, "train"))
        return rows_of(pairs, tmp_path, named, Reading(options=options))

    return read


def shapes(seed, values, side=SIDE, mode="L", ground=0, radius=9):
    """A picture with a disc of each value."""
    rng = np.random.default_rng(seed)
    image = Image.new(mode, (side, side), ground)
    draw = ImageDraw.Draw(image)
    for value in values:
        x, y = rng.integers(radius, side - radius, 2).tolist()
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=value)
    return image


def soft(image, radius=1.5):
    return image.filter(ImageFilter.GaussianBlur(radius))


def jpeg(image, quality=75):
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(io.BytesIO(stream.getvalue()))


def scattered(number, side=SIDE, step=10, deep=False):
    """Squares that are numbered from 1, as a tool that counts objects does."""
    values = np.zeros((side, side), np.uint16 if deep else np.uint8)
    for one in range(number):
        y, x = divmod(one, side // step)
        values[y * step : y * step + 5, x * step : x * step + 5] = one + 1
    return values


def classes(listing):
    return sorted({name for row in listing.rows for name in mask_of(row.label)[1]})


def messages(listing):
    return [item.message for item in listing.findings]


def decoded(row):
    mask, names = mask_of(row.label)
    return np.array([*names, *[""] * (256 - len(names))], object)[mask]


def named(*names):
    return ClassNames("classes.txt", dict(enumerate(names)))


@pytest.mark.parametrize("names", [None, named("membrane", "cell")])
@pytest.mark.parametrize("spoilt", [soft, jpeg, lambda image: jpeg(soft(image)), "scaled", "rgb"])
def test_soft_edges_between_0_and_255_are_a_binary_mask(rows, spoilt, names):
    hard = [shapes(seed, [255]) for seed in range(4)]
    if spoilt == "scaled":
        found = [one.resize((150, 150), Image.Resampling.BICUBIC) for one in hard]
        hard = [one.resize((150, 150), Image.Resampling.NEAREST) for one in hard]
    elif spoilt == "rgb":
        found = [soft(one).convert("RGB") for one in hard]
    else:
        found = [spoilt(one) for one in hard]
    listing = rows(found, names)
    low, high = ("background", "foreground") if names is None else ("membrane", "cell")
    assert classes(listing) == sorted([low, high])
    for row, right in zip(listing.rows, hard, strict=True):
        assert ((decoded(row) == high) == (np.asarray(right) > 127)).mean() > 0.97
    (told,) = messages(listing)
    assert "4 of 4 masks have soft edges" in told
    assert "up to 127" in told


def test_jpeg_files_are_read_where_their_classes_lie_far_apart(rows):
    hard = [shapes(seed, [128, 255]) for seed in range(5)]
    listing = rows(hard, suffix=".jpg")
    assert classes(listing) == ["0", "128", "255"]
    for row, right in zip(listing.rows, hard, strict=True):
        assert (decoded(row) == np.asarray(right).astype(str)).mean() > 0.97
    colours = [shapes(seed, [(255, 0, 0), (0, 0, 255)], mode="RGB", ground=(0, 0, 0)) for seed in range(5)]
    listing = rows(colours, suffix=".jpg")
    assert len(classes(listing)) == 3
    assert "soft edges or were saved with loss" in messages(listing)[0]


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_thin_lines_with_soft_edges_are_a_binary_mask(rows, suffix):
    masks = []
    for seed in range(6):
        image = Image.new("L", (512, 512))
        for points in np.random.default_rng(seed).integers(0, 512, (5, 4)).tolist():
            ImageDraw.Draw(image).line(points, fill=255, width=9)
        masks.append(image.resize((128, 128), Image.Resampling.LANCZOS))
    listing = rows(masks, suffix=suffix)
    assert classes(listing) == ["background", "foreground"]
    for row, mask in zip(listing.rows, masks, strict=True):
        assert ((decoded(row) == "foreground") == (np.asarray(mask) > 127)).mean() > 0.98


def test_small_numbers_of_classes_do_not_survive_jpeg(rows):
    for values in ([1, 2], [1, 15], [7, 14, 20], [7, 14, 20, 255]):
        with pytest.raises(
            DataError, match="saved with loss, and its classes cannot be told apart"
        ) as caught:
            rows([shapes(seed, values) for seed in range(4)], suffix=".jpg")
        assert "PNG" in caught.value.hint


def test_soft_edges_between_colours_take_the_nearest(rows):
    hard = [shapes(seed, [(255, 0, 0), (0, 255, 0)], mode="RGB", ground=(0, 0, 0)) for seed in range(5)]
    listing = rows([soft(one) for one in hard])
    assert classes(listing) == ["#000000", "#00ff00", "#ff0000"]
    names = ClassNames("classes.txt", {0: "sky", 0xFF0000: "roof", 0x00FF00: "tree"}, coloured=True)
    listing = rows([soft(one) for one in hard], names)
    assert classes(listing) == ["roof", "sky", "tree"]
    assert not listing.dropped


def test_soft_edges_between_more_greys_make_no_ring_of_a_third_class(rows):
    hard = [shapes(seed, [255 if seed % 2 else 128]) for seed in range(6)]
    listing = rows([soft(one) for one in hard])
    assert classes(listing) == ["0", "128", "255"]
    for number, row in enumerate(listing.rows):
        assert set(np.unique(decoded(row))) == {"0", "255" if number % 2 else "128"}


@pytest.mark.parametrize("bits", [8, 16])
def test_greys_without_peaks_are_an_error_that_says_how_many(rows, bits):
    ramp = np.linspace(0, 2**bits - 1, SIDE)[None].repeat(SIDE, 0)
    ramp = np.random.default_rng(0).permutation(ramp.ravel()).reshape(SIDE, SIDE)
    with pytest.raises(DataError, match=r"holds 64 different values.*the commonest are 0") as caught:
        rows([ramp.astype(np.uint16 if bits == 16 else np.uint8)] * 3)
    assert "--set masks=instances" in caught.value.hint


def test_a_grey_photograph_is_no_mask(rows):
    photo = soft(Image.fromarray(np.random.default_rng(0).integers(0, 256, (SIDE, SIDE), np.uint8)), 1)
    with pytest.raises(DataError, match="different values"):
        rows([photo] * 3)


def test_255_is_unknown_beside_small_numbers_and_a_class_beside_greys(rows):
    listing = rows([shapes(seed, [1, 15, 255]) for seed in range(4)])
    assert classes(listing) == ["0", "1", "15"]
    assert "255 is taken as unknown" in messages(listing)[0]
    for greys in ([128, 255], [51, 102, 153, 204, 255], [85, 170, 255], [100, 255]):
        listing = rows([shapes(seed, greys) for seed in range(8)])
        assert classes(listing) == sorted(map(str, [0, *greys]))
        assert "255 is read as a class" in messages(listing)[0]


def test_it_is_decided_over_the_set_and_not_by_file(rows):
    listing = rows([shapes(0, [255]), shapes(1, [255]), shapes(2, [1])])
    assert classes(listing) == ["0", "1"]
    listing = rows([shapes(0, [255]), soft(shapes(1, [255])), shapes(2, [])])
    assert classes(listing) == ["background", "foreground"]


def test_values_spread_over_the_byte_have_the_names_of_their_rank(rows):
    listing = rows([shapes(seed, [85, 170, 255]) for seed in range(6)], named("a", "b", "c", "d"))
    assert classes(listing) == ["a", "b", "c", "d"]
    assert "spread over the byte: 0 a, 85 b, 170 c, 255 d" in messages(listing)[0]


def test_fewer_names_than_values_is_an_error(rows):
    masks = [shapes(0, [1]), *(shapes(seed, [1, 2]) for seed in range(1, 4))]
    with pytest.raises(DataError, match=r"3 of 4 masks hold the value 2, but classes\.txt names 2 classes"):
        rows(masks, named("a", "b"))
    with pytest.raises(DataError, match=r"names 2 classes, but the masks hold other values clearly"):
        rows([soft(shapes(seed, [128, 255])) for seed in range(4)], named("a", "b"))


def test_masks_of_16_bits_and_fractions_may_be_black_and_white(rows):
    deep = [np.asarray(shapes(seed, [255])).astype(np.uint16) * 257 for seed in range(3)]
    assert classes(rows(deep)) == ["background", "foreground"]
    parts = [np.asarray(soft(shapes(seed, [255]))).astype(np.float32) / 255 for seed in range(3)]
    assert classes(rows(parts, suffix=".tif")) == ["background", "foreground"]
    deep_soft = [np.asarray(soft(shapes(seed, [255]))).astype(np.uint16) * 257 for seed in range(3)]
    assert classes(rows(deep_soft)) == ["background", "foreground"]


def test_thin_and_rare_classes_are_classes(rows):
    masks = []
    for seed in range(6):
        mask = np.asarray(shapes(seed, [2, 5, 9])).copy()
        mask[:, 30] = 3
        mask[40, :] = 7
        masks.append(mask)
    listing = rows(masks)
    assert classes(listing) == sorted(["0", "2", "5", "9", "3", "7"])
    assert messages(listing) == []


def test_many_classes_are_classes(rows):
    rng = np.random.default_rng(0)
    masks = [np.kron(rng.integers(0, 150, (8, 8)), np.ones((8, 8))).astype(np.uint8) for _ in range(12)]
    assert len(classes(rows(masks))) == len({value for mask in masks for value in np.unique(mask)})


def test_numbers_of_objects_are_object_and_background(rows):
    masks = [scattered(number) for number in (3, 12, 7, 1, 9)]
    listing = rows(masks)
    assert classes(listing) == ["background", "object"]
    assert ((decoded(listing.rows[1]) == "object") == (masks[1] > 0)).all()
    (told,) = messages(listing)
    assert "count objects" in told
    assert "--set masks=classes" in told
    assert len(classes(rows(masks, masks="classes"))) == 13


def test_numbers_that_go_through_the_whole_set_are_objects_too(rows):
    masks, start = [], 0
    for number in (30, 36, 25, 33, 20, 36, 30, 36, 30):
        mask = scattered(number, deep=True)
        masks.append(np.where(mask > 0, mask + start, 0).astype(np.uint16))
        start += number
    assert classes(rows(masks)) == ["background", "object"]


def test_colours_by_chance_are_objects(rows):
    rng = np.random.default_rng(0)
    masks = [rng.integers(40, 256, (40, 3)).astype(np.uint8) for _ in range(5)]
    for table in masks:
        table[0] = 0
    masks = [table[scattered(number)] for table, number in zip(masks, (5, 12, 9, 30, 20), strict=True)]
    assert classes(rows(masks)) == ["background", "object"]


def test_classes_that_lie_in_one_area_each_are_classes(rows):
    masks = [shapes(seed, [1, 2, 3][: 1 + seed % 3], radius=4) for seed in range(6)]
    assert classes(rows(masks)) == ["0", "1", "2", "3"]
    organs = [scattered(9) * np.isin(scattered(9), ids) for ids in ([1, 4], [2, 3, 9], [4], [5, 6, 7, 8])]
    assert len(classes(rows(organs))) == 10


def test_instances_may_be_asked(rows):
    listing = rows([scattered(2), scattered(1)], masks="instances")
    assert classes(listing) == ["background", "object"]
    assert "it was asked" in messages(listing)[0]


@pytest.mark.parametrize("picture", [False, True])
def test_transparency_that_is_the_mask_is_read(rows, noise, picture):
    masks, hard = [], [np.asarray(shapes(seed, [255])) for seed in range(3)]
    for seed, alpha in enumerate(hard):
        colours = noise(seed, SIDE, SIDE) if picture else np.zeros((SIDE, SIDE, 3), np.uint8)
        masks.append(np.dstack([colours, alpha]))
    listing = rows(masks)
    assert classes(listing) == ["background", "foreground"]
    assert ((decoded(listing.rows[0]) == "foreground") == (hard[0] > 0)).all()
    assert "transparency" in messages(listing)[0]


def test_one_class_in_all_masks_is_a_finding(rows):
    listing = rows([shapes(seed, []) for seed in range(3)])
    assert messages(listing) == ["all masks hold one class only, `0`: nothing can be told apart"]


def test_palettes_that_differ_are_read_as_colours(rows):
    masks = []
    for colours in ([0, 0, 0, 255, 0, 0, 0, 255, 0], [0, 0, 0, 0, 255, 0, 255, 0, 0]):
        one = Image.frombytes("P", (SIDE, SIDE), np.asarray(shapes(0, [1, 2])).tobytes())
        one.putpalette(colours)
        masks.append(one)
    first, second = rows(masks).rows
    assert (decoded(first) == "#ff0000").sum() == (decoded(second) == "#00ff00").sum() > 0


def test_unknown_stays_unknown(rows):
    (row, *_) = rows([[[0, 1, 255]], [[0, 2, 255]]]).rows
    assert mask_of(row.label)[0].tolist()[0][2] == IGNORED
