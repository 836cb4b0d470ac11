"""What is not TOML is told in plain words, with the line and a way out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.mta.toml_file import parse_toml


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = “x”", "line 1 .*curly quotation mark “"),
        ("a = 1 # “x”\nb = [‘x’]", "line 2 .*curly"),
        ("“a” = 1", "line 1 .*curly"),
        ("a = {“b” = 1}", "line 1 .*curly"),
        ("a = x", "line 1 has 'x' without quotation marks"),
        ("\nlisten = 127.0.0.1:2525", "line 2 has '127.0.0.1:2525' without quotation marks"),
        ("a = 10 s # later", "line 1 has '10 s' without"),
        ("a = [x]", "line 1 has 'x' without"),
        ('a = ["x", 127.0.0.1]', "line 1 has '127.0.0.1' without"),
        ("a = { b = x }", "line 1 has 'x' without"),
        ("a = {", "line 1 opens a table with {"),
        ('a = { b = "y",\nc = 1 }', "line 1 opens a table with {"),
        ('a = [\n"x",\n"y"\n\n[b]\nc = 1', "line 1 opens a list"),
        ('a = [\n"x",\n\n[b]\nc = 1', "line 1 opens a list"),
        ('x = 1\na = ["x"\nb = 2', "line 2 opens a list"),
        ('a = [\n"x", # ]\n', "line 1 opens a list"),
        ('a = ["x" "y"]', "line 1 has '\"y\"' in a list without a comma"),
        ("a = ['x'\n'y']", "line 2 has \"'y'\" in a list without a comma"),
        ("a = 1\n[b\nc = 1", "line 2 opens a table with \\["),
        ("[b]]", "line 1 has ']' after its end"),
        ('a = "it’s" x', "line 1 has 'x' after its end"),
        ("a =", "line 1 has no value behind a ="),
        ("a = True", "line 1 has True; write true"),
        ('a: "x"', "line 1 has no = after its key"),
        ("alice@x.example = 1", "line 1 has no valid name before its ="),
        ("é = 1", "line 1 has no valid name"),
        ("= 1", "line 1 has no valid name"),
        ('a = "C:\\new\\user"', "line 1 has a backslash"),
        ('a = "\\d"', "line 1 has a backslash"),
        ('a = "x', "line 1 has a text that is not closed"),
        ('b = 1\na = """x\ny', "line 2 has a text that is not closed"),
        ("a = '''x\ny", "line 1 has a text that is not closed"),
        ("a = 1\na = 2", "line 2 has a key"),
        ('a = "\x01"', "line 1 cannot be read"),
        ("a =\xa01", r"line 1 has the character U\+00A0"),
        ("a\u2009= 1", r"line 1 has the character U\+2009"),
        ("\ufeffa = 1", r"line 1 has the character U\+FEFF"),
        ("a = 1\nb\u200b = 1", r"line 2 has the character U\+200B"),
        ("a = 1\n\x1a", r"line 2 has the character U\+001A"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_toml(text)


LETTERS = st.text(alphabet="ab=[]{}\"'\\#,. \n“1\x0b\u2028", max_size=40)


@given(text=LETTERS)
def test_any_text_is_read_or_refused_with_a_line_of_it(text: str) -> None:
    try:
        parse_toml(text)
    except ValueError as error:
        found = re.match(r"line (\d+) ", str(error))
        assert found is not None
        assert 1 <= int(found[1]) <= text.count("\n") + 1
