"""Pictures of series."""

import base64
from xml.etree import ElementTree

import numpy as np

import serial
from headstart.data.series.shown import picture


def drawn(uri):
    head, _, body = uri.partition(",")
    assert head == "data:image/svg+xml;base64"
    return [part.tag.rpartition("}")[2] for part in ElementTree.fromstring(base64.b64decode(body))]


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
