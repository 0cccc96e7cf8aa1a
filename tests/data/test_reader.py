"""A reader says what it reads; one that says nothing of heaps claims none."""

from pathlib import Path

from headstart.data.listing import Listing
from headstart.data.reader import Reader
from headstart.data.reading import PLAIN, Reading


def nothing(data, reading: Reading) -> Listing:
    return Listing()


def test_no_heap_is_claimed_unless_a_reader_says_so():
    plain = Reader(("text", "label"), (), lambda data, reading: True, nothing, nothing)
    assert plain.claims(Path(), PLAIN)
    assert not plain.claims_heap(Path(), PLAIN)
    assert Reader((), (), plain.claims, nothing, nothing, plain.claims).claims_heap(Path(), PLAIN)
