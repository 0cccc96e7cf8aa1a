"""A page is cut into words and code, and is found by name or number."""

from __future__ import annotations

import pytest

from headstart.errors import UnknownName
from headstart.lessons.lesson import Code, Text, named, parsed

PAGE = """# What it is

One thing,
in two lines.

```python
first = 1
```

```python
first
```

Between.

```text
python nothing
```

After.
"""


def test_words_and_code_keep_their_order():
    lesson = parsed("03-what.md", PAGE)
    assert (lesson.number, lesson.name, lesson.title) == (3, "what", "What it is")
    assert lesson.summary == "One thing, in two lines."
    assert lesson.cells == (
        Text("# What it is\n\nOne thing,\nin two lines."),
        Code("first = 1"),
        Code("first"),
        Text("Between.\n\n```text\npython nothing\n```\n\nAfter."),
    )


def test_a_lesson_has_a_name_and_a_number():
    assert named("features") == named("3")


def test_an_unknown_lesson_gets_the_nearest():
    with pytest.raises(UnknownName) as caught:
        named("feature")
    assert "`features`" in caught.value.hint
