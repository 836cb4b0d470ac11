"""The grammar of RFC 5321 4.1.2 and 4.1.3: what it takes, what it refuses, and the sentences with which it does."""

import dataclasses
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.protocol import replies
from smtplab.protocol.diagnosis import is_untagged_ipv6
from smtplab.protocol.grammar import (
    NULL_PATH,
    POSTMASTER,
    Path,
    check_domain,
    check_parameters,
    check_string,
    split_parameters,
    split_path,
)
from smtplab.protocol.replies import LocalProtocolError


def is_printable(character):
    """Controls, surrogates and the separators of lines and paragraphs are not; this asks Unicode."""
    return unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")


def refusal_of(function, *args, **kwargs):
    """Call `function`, which must refuse with 501; return the sentence."""
    with pytest.raises(LocalProtocolError) as caught:
        function(*args, **kwargs)
    assert caught.value.reply == replies.BAD_ARGUMENT
    return str(caught.value)


@given(st.ip_addresses())
def test_every_ip_address_can_be_a_literal(address):
    tag = "IPv6:" if address.version == 6 else ""
    for text in (address.compressed, address.exploded):
        assert check_domain(f"[{tag}{text}]", strict=True) == f"[{tag}{text}]"


# ---- paths -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("text", "local_part", "domain"),
    [
        ("<a@b>", "a", "b"),
        ("<User.Name@Example.COM>", "User.Name", "Example.COM"),
        ("<@relay.example:a@b>", "a", "b"),
        ("<@one.example,@two.example:joe@three.example>", "joe", "three.example"),
        ('<"john doe"@x>', "john doe", "x"),
        (r'<"a\"b\\c\d"@x>', r'a"b\cd', "x"),
        ('<"a>b@c"@x>', "a>b@c", "x"),
        ('<"plain"@x>', "plain", "x"),
        ('<""@x>', "", "x"),
        ("<a@[IPv6:2001:db8::1]>", "a", "[IPv6:2001:db8::1]"),
        ("<用户@例え.テスト>", "用户", "例え.テスト"),
        ("<>", "", ""),
        ("<POSTMASTER>", "Postmaster", ""),
        ("<postmaster@x>", "postmaster", "x"),
    ],
)
def test_a_path_is_read(text, local_part, domain, strict):
    path = Path.parse(text, strict=strict)
    assert (path.local_part, path.domain) == (local_part, domain)


@pytest.mark.parametrize(
    ("text", "written", "wants"),
    [
        ("a@b", "<a@b>", "the brackets < > around the address"),
        (
            " forouzanb@adelphia.net",
            "<forouzanb@adelphia.net>",
            "the brackets < > around the address and no blank before it",
        ),
        (" a@b  ", "<a@b>", "the brackets < > around the address and no blank before it"),
        (" <a@b> ", "<a@b>", "no blank before it"),
        ("postmaster", "<Postmaster>", "the brackets < > around the address"),
        ('"john doe"@x', '<"john doe"@x>', "the brackets < > around the address"),
        ("<a@my_host>", "<a@my_host>", "no _ in a domain"),
        ("<@my_relay:a@b>", "<a@b>", "no _ in a domain"),
    ],
)
def test_only_the_lenient_reading_takes(text, written, wants):
    assert str(Path.parse(text)) == written
    assert wants in refusal_of(Path.parse, text, strict=True)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "nothing"),
        ("<", "nothing"),
        ("< a@b>", "address"),
        ("<@b>", "'@b>'"),
        ('<"a@b>', "'\"a@b>'"),
        ("<joe>", "'>'"),
        ("<a..b@c>", "'..b@c>'"),
        ("john doe@x", "quotation"),
        ("<john doe@x>", "quotation"),
        ("John Doe <john@x>", "before"),
        ('"John Doe" <john@x>', "before"),
        ("a@b>", "ends"),
        ("<a@>", "'>'"),
        ("<a@[1.2.3.400]>", "'[1.2.3.400]>'"),
        ("<a@b", "nothing"),
        ("<a@b >", "close"),
        ("<a@b-.c>", "'-.c>'"),
        ("<a@b>SIZE=1", "'SIZE=1'"),
        ("<>>", "'>'"),
        ("a@b,c@d", "',c@d'"),
        ("<a@b> c", "'c'"),
        ("a@b\t", "character"),
        ("<a\x00@b>", "character"),
        ("<a@b\r\nRSET>", "character"),
        ("<a\u2028@b>", "character"),
        ("<\udce9@b>", "UTF-8"),
        ("<a@" + "b" * 256 + ">", "domain"),
        ("<a@" + "b" * 253 + ">", "path"),
        ("<" + " " * 100, "'" + " " * 57),
    ],
)
def test_a_wrong_path_is_refused_with_the_place_where_it_goes_wrong(text, sentence, strict):
    assert sentence in refusal_of(Path.parse, text, strict=strict)


def test_the_sentence_ends_with_the_way_out():
    assert refusal_of(Path.parse, "<joe>").endswith("<user@example.com>")


def test_sizes_at_the_limit_are_taken():
    assert Path("a" * 64, "b").local_part == "a" * 64
    assert Path("a", "b" * 252).domain == "b" * 252
    assert len(str(Path("a" * 64, "b" * 189))) == 256
    assert Path(" " * 64, "b").address == f'"{" " * 64}"@b'


@pytest.mark.parametrize(
    ("local_part", "domain", "sentence"),
    [
        ("a\r\nRCPT TO:<b", "c", "character"),
        ("a", "b\n", "character"),
        ("a\x7f", "b", "character"),
        ("a", "b\x85", "character"),
        ("\udc80", "b", "UTF-8"),
        ("a", "b c", "example"),
        ("a", "b>", "'b>'"),
        ("a", "[1.2.3.4", "'[1.2.3.4'"),
        ("joe", "", "'joe'"),
        ("a\n", "", "'a\\n'"),
        ("a", "b" * 256, "the domain has 256 octets"),
        ('"' * 64, "b" * 124, "the path has 257 octets"),
    ],
)
def test_a_wrong_path_cannot_be_built(local_part, domain, sentence):
    assert sentence in refusal_of(Path, local_part, domain)


def test_a_path_cannot_be_changed_into_a_wrong_one():
    path = Path("a", "b")
    with pytest.raises(dataclasses.FrozenInstanceError):
        path.domain = "\n"
    assert refusal_of(dataclasses.replace, path, domain="\n")


@pytest.mark.parametrize(
    ("path", "address", "is_null", "is_ascii"),
    [
        (NULL_PATH, "", True, True),
        (POSTMASTER, "Postmaster", False, True),
        (Path("POSTMASTER", ""), "Postmaster", False, True),
        (Path("a.b", "c"), "a.b@c", False, True),
        (Path("", "c"), '""@c', False, True),
        (Path("a..b", "c"), '"a..b"@c', False, True),
        (Path('"\\', "c"), r'"\"\\"@c', False, True),
        (Path("é", "c"), "é@c", False, False),
        (Path("a", "é"), "a@é", False, False),
    ],
)
def test_a_path_tells_about_itself(path, address, is_null, is_ascii):
    assert path.address == address
    assert str(path) == f"<{address}>"
    assert path.is_null is is_null
    assert path.is_ascii is is_ascii


# Characters of every kind that matters to the grammar, and any other.
characters = st.one_of(st.sampled_from('ab1-_.@<>"\\[]:, \t\r\n\x00\x7f\x85\u2028\udcffé用'), st.characters())
printable = st.text(characters, max_size=16).filter(lambda text: all(map(is_printable, text)))
domains = st.one_of(
    st.from_regex(r"[A-Za-z0-9é用]{1,9}(-[a-z0-9_]{1,5})?(\.[a-z_]{1,5}){0,3}", fullmatch=True),
    st.sampled_from(["[192.0.2.1]", "[IPv6:2001:db8::1]"]),
)
paths = st.one_of(st.builds(Path, printable, domains), st.sampled_from([NULL_PATH, POSTMASTER]))


@given(paths)
def test_a_path_written_and_read_is_the_same_path(path):
    assert Path.parse(str(path)) == path
    if path.address:
        assert Path.parse(path.address) == path
    if "_" not in path.domain:
        assert Path.parse(str(path), strict=True) == path


@given(paths, st.text(characters))
def test_a_path_ends_where_it_ends_whatever_stands_behind(path, rest):
    assert split_path(f"{path} {rest}", strict=False) == (path, rest.strip(" \t"))


@given(
    st.lists(st.sampled_from(["<", ">", "@", '"', "\\", ".", ":", ",", " ", "a", "postmaster", "é", "\n"])).map("".join)
)
def test_any_text_is_a_path_or_refused_and_strict_is_a_part_of_lenient(text):
    try:
        strict = split_path(text, strict=True)
    except LocalProtocolError:
        return
    assert split_path(text, strict=False) == strict


@given(st.text(characters), st.text(characters))
def test_a_path_that_can_be_built_is_printable(local_part, domain):
    try:
        path = Path(local_part, domain)
    except LocalProtocolError:
        return
    assert Path.parse(str(path)) == path
    assert str(path).encode().decode().splitlines() == [str(path)]


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("text", "path", "rest"),
    [
        ("<a@b> SIZE=10", "<a@b>", "SIZE=10"),
        ("<a@b> SIZE=10 BODY=7BIT\t ", "<a@b>", "SIZE=10 BODY=7BIT"),
        ("<> SIZE=10", "<>", "SIZE=10"),
        ('<"> SIZE=1"@b> SIZE=2', '<"> SIZE=1"@b>', "SIZE=2"),
        ("<a@b>", "<a@b>", ""),
        ("<a@b> \t", "<a@b>", ""),
        ("<Postmaster> X", "<Postmaster>", "X"),
    ],
)
def test_a_path_is_split_from_its_parameters(text, path, rest, strict):
    assert split_path(text, strict) == (Path.parse(path), rest)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("<a@b>  SIZE=10", "SIZE=10"),
        ("<a@b>\tSIZE=10", "SIZE=10"),
        ("<a@b> \tSIZE=10", "SIZE=10"),
        ("<a@b> SIZE=10  BODY=7BIT", "SIZE=10  BODY=7BIT"),
        ("<Postmaster>   X", "X"),
    ],
)
def test_strictly_one_space_stands_before_each_parameter(text, rest):
    assert split_path(text, strict=False)[1] == rest
    assert "space" in refusal_of(split_path, text, strict=True)


@pytest.mark.parametrize("name", ["a" * 65, "é" * 33, "a" * 70, '"' + "a " * 40 + '"', "a" * 252])
def test_only_the_lenient_reading_takes_a_local_part_over_64_octets(name):
    path = Path.parse(f"<{name}@b>")
    assert Path.parse(str(path)) == path
    assert "local part" in refusal_of(Path.parse, f"<{name}@b>", strict=True)


def test_a_local_part_of_64_octets_is_taken_in_both_readings():
    assert Path.parse(f"<{'a' * 64}@b>", strict=True) == Path.parse(f"<{'a' * 64}@b>")


@pytest.mark.parametrize("domain", ["a" * 64, f"b.{'a' * 64}.c", "a" * 250, "用" * 60])
def test_only_the_lenient_reading_takes_a_label_over_63_octets(domain):
    assert check_domain(domain, strict=False) == domain
    assert Path.parse(f"<a@{domain}>").domain == domain
    assert "label" in refusal_of(Path.parse, f"<a@{domain}>", strict=True)
    if domain.isascii():
        assert "label" in refusal_of(check_domain, domain, strict=True)


@pytest.mark.parametrize("route", ["@{}", "@a,@{}", "@{},@a.example", "@b.{}.c"])
@pytest.mark.parametrize("label", ["a" * 64, "用" * 60])
def test_only_the_lenient_reading_takes_a_label_over_63_octets_in_a_source_route(route, label):
    text = f"<{route.format(label)}:a@b.example>"
    assert Path.parse(text) == Path("a", "b.example")
    assert "label" in refusal_of(Path.parse, text, strict=True)
    assert Path.parse(text.replace(label, "a" * 63), strict=True) == Path("a", "b.example")


@pytest.mark.parametrize("literal", ["[word:x]", "[x400:c=de;a=b]", "[-a:!]", "[2001:db8::1]", "[::1]"])
def test_an_address_literal_with_a_colon_is_an_ipv6_one(literal):
    refusal_of(check_domain, literal, strict=True)
    for strict in (True, False):
        refusal_of(Path.parse, f"<a@{literal}>", strict=strict)


@pytest.mark.parametrize("address", ["2001:db8::1", "::1", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8"])
def test_an_ipv6_address_without_its_tag_hears_how_to_write_it(address):
    assert f"write [IPv6:{address}]" in refusal_of(check_domain, f"[{address}]", strict=True)
    assert f"write [IPv6:{address}]" in refusal_of(Path.parse, f"<a@[{address}]>")


def test_the_lenient_reading_splits_a_bare_address_too():
    assert split_path(" a@b SIZE=10", strict=False) == (Path("a", "b"), "SIZE=10")
    assert split_path("postmaster SIZE=10", strict=False) == (POSTMASTER, "SIZE=10")


def seconds_for(text, strict):
    """The least time of five that it takes this thread to refuse `text`, whatever else the machine does."""
    times = []
    for _ in range(5):
        start = time.thread_time()
        refusal_of(split_path, text, strict)
        times.append(time.thread_time() - start)
    return min(times)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("head", "repeated", "tail"),
    [
        ("<", "a", ""),
        ("<", "a.", ""),
        ("<", "é", "!"),
        ("<a@", "b-", ""),
        ("<a@", "b-b.", ">"),
        ("<a@", "-", ">"),
        ('<"', "a", ""),
        ('<"', r"\\", ""),
        ('<"', r"\"", "@b>"),
        ("<", '"', ""),
        ("<", "@", ""),
        ("<", "@a,", "b@c>"),
        ("<", "@a:", "b@c>"),
        ("<a", "@b", ">"),
        ("<a@[", "1", "]>"),
        ("<a@[IPv6:", "1:", "]>"),
        ("<a@[IPv6:", ":", "]>"),
        ("<a@[IPv6:", "::1", "]>"),
        ("<a@[", "a-", "]>"),
        ("<a@[a:", "b", ">"),
        ("", " ", ""),
        ("", "\t ", "<"),
    ],
)
def test_hostile_text_takes_time_in_proportion_to_its_length(head, repeated, tail, strict):
    def hostile(octets):
        return head + repeated * (octets // len(repeated)) + tail

    # Eight times the text: about 8 times the time if linear, 64 times if quadratic.
    assert seconds_for(hostile(65536), strict) < 32 * seconds_for(hostile(8192), strict) + 0.01


# ---- parameters ------------------------------------------------------------------------------------------------------


def read_parameters(text):
    return check_parameters(split_parameters(text))


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("", ()),
        ("   ", ()),
        ("SIZE=10", (("SIZE", "10"),)),
        ("size=10 body=8bitmime", (("SIZE", "10"), ("BODY", "8bitmime"))),
        (" SMTPUTF8  SIZE=1 ", (("SMTPUTF8", None), ("SIZE", "1"))),
        ("ORCPT=rfc822;a+2Bb", (("ORCPT", "rfc822;a+2Bb"),)),
        ("X-Name=é", (("X-NAME", "é"),)),
    ],
)
def test_parameters_are_read(text, parameters):
    assert read_parameters(text) == parameters
    assert check_parameters(parameters) == parameters


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("SIZE=", "SIZE"),
        ("SIZE=1=2", "'1=2'"),
        ("=1", "parameter"),
        ("A_B=1", "'A_B'"),
        ("-A", "'-A'"),
        ("SIZE=1\tBODY=7BIT", "SIZE"),
        ("A\x00", "'A\\x00'"),
        ("A\udcff", "'A\\xff'"),
        ("A\\udcff", "'A\\\\udcff'"),
        ("A=\udcff", "UTF-8"),
        ("SIZE=1 size=2", "SIZE"),
        ("A B a", "parameter"),
    ],
)
def test_wrong_parameters_are_refused(text, sentence):
    assert sentence in refusal_of(read_parameters, text)


def test_a_parameter_built_by_a_caller_is_checked():
    assert check_parameters([("size", "10"), ("Smtputf8", None)]) == (("SIZE", "10"), ("SMTPUTF8", None))
    assert "U+000D" in refusal_of(check_parameters, [("SIZE", "1\r\nRSET")])
    assert "'SIZE=1\\r'" in refusal_of(check_parameters, [("SIZE=1\r", None)])


keywords = st.from_regex(r"[A-Z0-9][A-Z0-9-]{0,8}", fullmatch=True)
values = st.none() | printable.filter(lambda text: text and " " not in text and "=" not in text)


@given(st.dictionaries(keywords, values))
def test_parameters_written_and_read_are_the_same(parameters):
    text = " ".join(keyword if value is None else f"{keyword}={value}" for keyword, value in parameters.items())
    assert read_parameters(text) == tuple(parameters.items())


@given(st.text(characters))
def test_any_text_is_parameters_or_refused(text):
    try:
        parameters = read_parameters(text)
    except LocalProtocolError:
        return
    assert check_parameters(parameters) == parameters


# ---- host names and strings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    "text", ["mail.adelphia.net", "localhost", "[192.0.2.1]", "[IPv6:::1]", "a" * 63, f"{'a.' * 127}a"]
)
def test_a_host_name_is_taken_as_typed(text, strict):
    assert check_domain(text, strict=strict) == text


@pytest.mark.parametrize("text", ["my_laptop", "a..b", "bücher.example", "!", "[open", "word:x"])
def test_only_the_lenient_reading_takes_any_word_as_a_host_name(text):
    assert check_domain(text, strict=False) == text
    assert repr(text) in refusal_of(check_domain, text, strict=True)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "HELO"),
        ("a b", "example"),
        ("a\tb", "character"),
        ("a\r\nMAIL", "character"),
        ("\udcff", "UTF-8"),
        (f"{'a.' * 127}aa", "host"),
    ],
)
def test_a_wrong_host_name_is_refused(text, sentence, strict):
    assert sentence in refusal_of(check_domain, text, strict=strict)


@pytest.mark.parametrize("text", ["", "John Doe", "alice@example.com", '"a b"', "用户", "MAIL"])
def test_a_string_is_taken_as_typed(text):
    assert check_string(text) == text


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("a\nb", "character"),
        ("\x00", "character"),
        ("a\x1f", "character"),
        ("\x7f", "character"),
        ("\x9b", "character"),
        ("\u2029", "character"),
        ("\ud800", "UTF-8"),
        ("a\udfff", "UTF-8"),
    ],
)
def test_an_unprintable_string_is_refused(text, cause):
    assert cause in refusal_of(check_string, text)


@given(characters)
def test_a_character_is_taken_exactly_if_it_is_printable(character):
    if is_printable(character):
        assert check_string(character) == character
    else:
        refusal_of(check_string, character)


@given(st.binary())
def test_octets_that_are_not_utf_8_are_refused_everywhere(octets):
    text = octets.decode("utf-8", "surrogateescape")
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        for check in (check_string, Path.parse, lambda text: check_domain(text, strict=False)):
            refusal_of(check, text)
        refusal_of(Path, text, "example.com")
        refusal_of(check_parameters, [("X", text)])


@pytest.mark.parametrize(("text", "untagged"), [("[2001:db8::1]", True), ("[IPv6:2001:db8::1]", False), ("x", False)])
def test_an_address_of_version_6_needs_its_tag_in_a_literal(text, untagged):
    assert is_untagged_ipv6(text) is untagged
