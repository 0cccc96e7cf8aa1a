"""Pictures of series."""

import base64
from xml.etree import ElementTree

import numpy as np

import serial
from headstart.data.series.shown import picture, short


def parts(uri):
    head, _, body = uri.partition(",")
    assert head == "data:image/svg+xml;base64"
    return ElementTree.fromstring(base64.b64decode(body))


def drawn(uri):
    tags = [part.tag.rpartition("}")[2] for part in parts(uri)]
    return [tag for tag in tags if tag != "text"]


def written(uri):
    return [(part.text, float(part.get("y"))) for part in parts(uri) if part.tag.endswith("text")]


def test_a_history_and_its_gaps():
    history = serial.values(40)
    assert drawn(picture(history)) == ["polyline"]
    history[[10, 20]] = np.nan
    assert drawn(picture(history)) == ["polyline"] * 3
    assert drawn(picture(np.array([5.0]))) == ["circle"]


def test_a_forecast_has_a_band_and_what_happened_goes_on():
    middle = np.full(6, 50.0)
    band = np.stack([middle - 5, middle, middle + 5], 1)
    assert drawn(picture(serial.values(40), middle, band)) == ["polygon", "polyline", "polyline"]
    assert "nan" not in base64.b64decode(picture(np.full(9, 3.0), middle, band).split(",")[1]).decode()


def test_the_ends_of_its_values_are_written_where_they_are():
    (high, top), (low, bottom) = written(picture(np.array([3.0, 70.0, 5.0])))
    assert (high, low) == ("70", "3")
    assert top < bottom
    assert [text for text, _ in written(picture(np.full(9, 3.0)))] == ["3"], "once where they are the same"
    middle = np.full(2, 4.0)
    band = np.stack([middle - 1, middle, middle + 1], 1)
    assert written(picture(np.full(9, 3.0), middle, band))[-1][0] == "forecast, 80 %"


def test_it_is_twice_as_wide_as_high():
    found = parts(picture(serial.values(40), side=100))
    assert (found.get("width"), found.get("height"), found.get("viewBox")) == ("200", "100", "0 0 200 100")
    xs = [
        float(point.split(",")[0])
        for part in found
        if part.get("points")
        for point in part.get("points").split()
    ]
    assert 100 < max(xs) <= 200


def test_numbers_are_short_and_have_no_powers_of_ten_where_it_can_be():
    told = {0.0: "0", 2.5: "2.5", 123.456: "123.5", 9999.4: "9999", 10500: "10500", -123456.7: "-123457"}
    assert {value: short(value) for value in told} == told
    assert short(3.2e9) == "3.2e+09"
    assert short(float("nan")) == "nan"
