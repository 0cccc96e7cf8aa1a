"""Tables of sets of labels, whatever an example is."""

import pandas as pd
import pytest

from headstart.data.listing import Listing
from headstart.data.reading import PLAIN
from headstart.data.tables.label_tables import has_sets, said, told
from headstart.errors import DataError
from headstart.types import Row


@pytest.mark.parametrize("source", ["text", "file_name"])
def test_sets_stand_in_a_column_in_lists_or_in_columns_of_their_own(source):
    examples = [f"{number}.png" for number in range(12)]
    ones = [number % 2 for number in range(12)]
    tables = [
        pd.DataFrame({source: examples, "labels": ["a|b"] * 12}),
        pd.DataFrame({source: examples, "label": [["a", "b"]] * 12}),
        pd.DataFrame({source: examples, "a": ones, "b": ones[::-1]}),
    ]
    assert all(has_sets(table, source, PLAIN) for table in tables)
    assert not has_sets(pd.DataFrame({source: examples, "label": ["a"] * 12}), source, PLAIN)
    (_, columns) = said(tables[2], source, PLAIN)
    assert columns.columns == ("a", "b")
    reading, _ = said(tables[1], source, PLAIN)
    assert reading.columns["labels"] == "label"


def test_bare_examples_and_rare_labels_are_told():
    rows = [Row("1", b"", "a"), Row("2", b"", "")]
    kinds = {one.kind: one for one in told(Listing(tuple(rows)), "picture", "hint").findings}
    assert kinds["no_label"].message.startswith("1 pictures have no label")
    assert kinds["few_examples"].items == ("a: 1",)
    with pytest.raises(DataError, match="none of the 1 pictures has a label"):
        told(Listing((rows[1],)), "picture", "hint")
