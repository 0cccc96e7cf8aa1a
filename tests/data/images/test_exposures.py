"""One window for a set of pictures, measured on training ones; what is odd is told."""

import numpy as np
import pytest

from headstart.data.images.decode import decode
from headstart.data.images.exposures import BANDS, WINDOW, exposed, unseen
from headstart.errors import DataError, SettingsError
from headstart.exposure import AS_STORED, Exposure
from medical import dicom
from rasters import png16, tiff


@pytest.fixture
def found(encoded):
    """`found(arrays, window=…)`: the exposure of training pictures, and findings by kind."""

    def find(pictures, train=None, **options):
        sources = [one if isinstance(one, bytes) else encoded(one, "TIFF") for one in pictures]
        rows = np.arange(len(sources)) if train is None else np.array(train)
        exposure, findings = exposed([f"{n}.tif" for n in range(len(sources))], sources, rows, options)
        return exposure, {one.kind: one for one in findings}

    return find


def arrays(low, high, kind=np.uint16, count=6):
    ramps = np.linspace(low, high, 48).reshape(6, 8).astype(kind)
    return [np.roll(ramps, shift) for shift in range(count)]


@pytest.mark.parametrize(
    ("low", "high", "kind"),
    [(0, 120, np.uint16), (0, 4095, np.uint16), (-1000, 3000, np.int32), (0, 1, np.float32)]
    + [(-1000, 3000, np.float32), (0, 100_000, np.int32), (40_000, 41_000, np.uint16)],
)
def test_pictures_that_do_not_use_their_scale_have_their_own(found, encoded, low, high, kind):
    pictures = arrays(low, high, kind)
    exposure, findings = found(pictures)
    assert exposure.window == (low, high)
    assert f"values {low:.6g} to {high:.6g} are shown as black to white" in findings["window"].message
    shown = np.asarray(decode(encoded(pictures[0], "TIFF"), exposure=exposure))
    assert (shown.min(), shown.max()) == (0, 255)


def test_a_few_broken_pixels_do_not_set_the_window(found):
    pictures = [np.tile(one, (40, 40)) for one in arrays(0, 3000)]
    pictures[0][5, 5] = 65535
    assert found(pictures)[0].window == (0, 3000)


def test_what_is_no_number_does_not_set_it_either(found):
    pictures = arrays(-5, 5, np.float32)
    pictures[0][0, 0], pictures[1][0, 0] = np.nan, np.inf
    assert found(pictures)[0].window == (-5, 5)


def test_only_training_pictures_set_it(found):
    pictures = [*arrays(0, 100), *arrays(0, 60_000)]
    assert found(pictures, train=range(6))[0].window == (0, 100)


def test_one_window_is_for_all_so_that_dark_stays_dark(found, encoded):
    pictures = [*arrays(0, 100), *arrays(0, 4000)]
    exposure, _ = found(pictures)
    assert np.asarray(decode(encoded(pictures[0], "TIFF"), exposure=exposure)).max() < 10


def test_the_window_can_be_set(found):
    assert found(arrays(0, 120), window="10:50")[0].window == (10, 50)
    assert found(arrays(0, 120), window="full")[0].window == (0, 65535)
    assert found(arrays(0, 1, np.float32), window="full")[0].window == (0, 1)
    for wrong in ("50:10", "5", "a:b", "0:inf", "nan:1"):
        with pytest.raises(SettingsError, match="LOW:HIGH"):
            WINDOW.of({"window": wrong})
    for wrong in ("0,1,2", "1,2", "a", "1,2,-3"):
        with pytest.raises(SettingsError, match="three numbers"):
            BANDS.of({"bands": wrong})


def test_plain_pictures_have_no_exposure_and_no_finding(found, encoded, noise):
    exposure, findings = found(
        [encoded(noise(seed), kind) for seed, kind in enumerate(("PNG", "JPEG", "BMP"))]
    )
    assert (exposure, findings) == (AS_STORED, {})


def test_nearly_black_pictures_are_told_and_not_changed(found, encoded):
    exposure, findings = found(arrays(0, 7, np.uint8))
    assert exposure == AS_STORED
    assert "--set window=0:7" in findings["dark"].message
    stretched, findings = found(arrays(0, 7, np.uint8), window="0:7")
    assert (stretched, findings) == (Exposure((0, 7), every=True), {})
    assert np.asarray(decode(encoded(arrays(0, 7, np.uint8)[0], "TIFF"), exposure=stretched)).max() == 255


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_pictures_of_one_colour_are_told(found, kind):
    flat = [np.full((4, 4), 9, kind) for _ in range(3)]
    assert "all of them" in found(flat)[1]["one_colour"].message
    assert found([*flat, *arrays(0, 200, kind)])[1]["one_colour"].count == 3


def test_8_and_16_bits_in_one_set_are_told(found):
    exposure, findings = found([*arrays(0, 200, np.uint8, 2), *arrays(0, 4000)])
    assert exposure.window == (0, 4000)
    assert findings["mixed_depths"].items == ("0.tif", "1.tif")


def test_colours_of_16_bits_have_a_window(found):
    ramp = (np.arange(48).reshape(4, 4, 3) * 10).astype(np.uint16)
    assert found([png16(ramp), png16(ramp[::-1])])[0].window == (0, 470)


def test_bands_that_are_not_used_are_told(found):
    bands = (np.arange(64).reshape(2, 4, 8) * 3).astype(np.uint8)
    exposure, findings = found([tiff(bands), tiff(bands[::-1])])
    assert "8 bands: number 1, 2 and 3 as red, green and blue" in findings["bands"].message
    assert found([tiff(bands)], bands="8,4,1")[0].bands == (8, 4, 1)
    with pytest.raises(DataError, match=r"0.tif: it has 8 bands, and bands=9,4,1"):
        found([tiff(bands)], bands="9,4,1")


def test_further_pages_are_told(found, encoded):
    from PIL import Image

    pages = [Image.fromarray(one) for one in arrays(0, 200, np.uint8, 3)]
    for kind in ("TIFF", "GIF", "WEBP"):
        findings = found([encoded(pages[0], kind, save_all=True, append_images=pages[1:])])[1]
        assert findings["pages"].items == ("0.tif: 3",)


def test_the_window_that_all_dicom_files_state_is_taken(found):
    ramp = np.arange(20).reshape(1, 4, 5) * 100
    same = [
        dicom(ramp, WindowCenter=40, WindowWidth=400),
        dicom(ramp[:, ::-1], WindowCenter=40, WindowWidth=400),
    ]
    assert found(same)[0].window == (-160, 240)
    others = [same[0], dicom(ramp, WindowCenter=50, WindowWidth=100)]
    assert found(others)[0].window == (-1024, 876)
    assert found(others, window="file")[0] == Exposure((-1024, 876), stated=True)


def test_numbers_that_a_bundle_has_not_learned_from_are_refused(encoded):
    twelve = encoded(arrays(0, 4000)[0], "TIFF")
    assert unseen(twelve, Exposure((0, 4095))) is None
    assert "convert it to 8 bits" in unseen(twelve, AS_STORED)
    assert "0 to 4000" in unseen(twelve, Exposure((5000, 6000)))
    assert unseen(encoded(arrays(0, 65535)[0], "TIFF"), AS_STORED) is None
    assert unseen(encoded(arrays(0, 7, np.uint8)[0]), AS_STORED) is None


def padded(value, low=0, count=6):
    """Pictures of low..1500, a third of which is a value of no measurement."""
    made = [np.linspace(low, 1500, 64 * 64).reshape(64, 64, 1).astype(np.int16) for _ in range(count)]
    for one in made:
        one[:20] = value
    return [tiff(one) for one in made]


def test_padding_is_left_out_of_the_window_and_told(found):
    exposure, findings = found(padded(-32768))
    low, high = exposure.window
    assert 0 < low < 600
    assert high == 1500
    assert "the value -32768 lies far below" in findings["padding"].message
    assert found(padded(-32768), window="full")[0].window[0] == -32768


def test_background_is_no_padding(found):
    for pictures in (padded(0, 900), padded(-1024, -1000), padded(-100, 0)):
        exposure, findings = found(pictures)
        assert "padding" not in findings
        assert exposure.window[0] <= 0
