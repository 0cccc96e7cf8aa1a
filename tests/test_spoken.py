"""The reporter that speaks does so on stderr, and passes everything through."""

from headstart.spoken import Terminal


def test_notes_go_to_stderr(capsys):
    Terminal().note("hello")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "hello\n")


def test_what_is_tracked_passes_through_without_a_bar(capsys):
    assert list(Terminal().track(iter([1, 2]), "reading", 2)) == [1, 2]
    assert capsys.readouterr().out == ""
