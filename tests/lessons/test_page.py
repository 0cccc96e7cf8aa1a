"""A page is one file; what code says is text, and what a lesson says is Markdown."""

from __future__ import annotations

from headstart.lessons.lesson import Code, Lesson, Text
from headstart.lessons.page import written
from headstart.lessons.running import Output, Picture

TABLE = "| a | b |\n|---|---|\n| 1 | 2 |"
WORDS = f"# Made & *meant*\n\n{TABLE}\n\n<details><summary>Why?</summary>\n\n**So**\n\n</details>"
LESSON = Lesson(1, "made", "Made <here>", "", (Text(WORDS), Code("1 < 2"), Code("show")))
OUTPUTS = [
    Output("<script>alert(1)</script>\n"),
    Output("", "<table></table>", (Picture(b"png", 'a "line"'),)),
]


def test_what_code_said_is_escaped_and_values_are_shown():
    shown = written(LESSON, OUTPUTS)
    assert "<script>" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "1 &lt; 2" in shown
    assert '<div class="value"><table></table></div>' in shown
    assert "<title>Made &lt;here&gt; · Headstart course</title>" in shown


def test_words_are_rendered_and_pictures_lie_within():
    shown = written(LESSON, OUTPUTS)
    assert "<h1>Made &amp; <em>meant</em></h1>" in shown
    assert "<td>2</td>" in shown
    assert "<details><summary>Why?</summary>\n<p><strong>So</strong></p>\n</details>" in shown
    assert '<img src="data:image/png;base64,cG5n" alt="a &#34;line&#34;">' in shown
    assert "http" not in shown.split("</style>")[1]
