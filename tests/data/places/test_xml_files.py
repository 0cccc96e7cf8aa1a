"""XML of strangers is read without entities, and its root must be what is expected."""

from headstart.data.places.xml_files import parsed_xml


def test_what_is_read_and_what_is_not(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text("<annotation><a>1</a></annotation>")
    assert parsed_xml(path, "annotation").findtext("a") == "1"
    assert parsed_xml(path, "annotations") == "it holds <annotation>, not <annotations>"
    path.write_text('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><annotation>&b;</annotation>')
    assert "declares entities" in parsed_xml(path, "annotation")
    path.write_text("<annotation>")
    assert parsed_xml(path, "annotation").startswith("not XML that can be read")
    assert parsed_xml(tmp_path / "none.xml", "annotation") == "no such file or directory"
