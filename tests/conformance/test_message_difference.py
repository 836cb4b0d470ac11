"""What a client did to a message is named: one flaw or several, each with the line that shows it."""

from __future__ import annotations

import re

import pytest

from smtplab.conformance.clients.message_difference import Difference, Flaw, difference, stuffed
from smtplab.conformance.clients.plays import (
    BLIND_COPY,
    DOTS,
    EDGES,
    LARGE,
    LONE_DOT,
    NOT_ASCII,
    PLAIN_TEXT,
)

LF_ONLY = PLAIN_TEXT.replace(b"\r\n", b"\n")

FLAWS = {
    "LF": (PLAIN_TEXT, LF_ONLY, {Flaw.LF}),
    "CR": (PLAIN_TEXT, PLAIN_TEXT.replace(b"\r\n", b"\r"), {Flaw.CR}),
    "CR CR LF": (PLAIN_TEXT, PLAIN_TEXT.replace(b"\r\n", b"\r\r\n"), {Flaw.DOUBLED_CR}),
    "an empty line more": (PLAIN_TEXT, PLAIN_TEXT + b"\r\n", {Flaw.EMPTY_LINE_ADDED}),
    "LF and an empty line more": (PLAIN_TEXT, LF_ONLY + b"\r\n", {Flaw.LF, Flaw.EMPTY_LINE_ADDED}),
    "an empty line less": (EDGES, EDGES.rstrip() + b"\r\n", {Flaw.EMPTY_LINE_LOST}),
    "each line stripped": (
        EDGES,
        b"".join(line.strip() + b"\r\n" for line in EDGES.splitlines()),
        {Flaw.BLANKS},
    ),
    "no empty lines": (PLAIN_TEXT, PLAIN_TEXT.replace(b"\r\n\r\n", b"\r\n"), {Flaw.SEPARATOR_LOST}),
    "no separator": (PLAIN_TEXT, PLAIN_TEXT.replace(b"\r\n\r\n", b"\r\n", 1), {Flaw.SEPARATOR_LOST}),
    "an empty line less in the body": (
        PLAIN_TEXT,
        PLAIN_TEXT.replace(b"\r\n\r\nshall", b"\r\nshall"),
        {Flaw.EMPTY_LINES},
    ),
    "fields behind an empty line": (PLAIN_TEXT, b"\r\n" + PLAIN_TEXT, {Flaw.FIELD_IN_BODY}),
    "another header section first": (PLAIN_TEXT, b"Subject: x\r\n\r\n" + PLAIN_TEXT, {Flaw.PREFIX}),
    "an empty line among the fields": (
        PLAIN_TEXT,
        PLAIN_TEXT.replace(b"Date:", b"\r\nDate:"),
        {Flaw.FIELD_IN_BODY},
    ),
    "an empty line first": (PLAIN_TEXT, b"\r\n" + PLAIN_TEXT, {Flaw.FIELD_IN_BODY}),
    "a field first": (PLAIN_TEXT, b"Subject: x\r\n" + PLAIN_TEXT, {Flaw.PREFIX}),
    "something last": (PLAIN_TEXT, PLAIN_TEXT + b"-- \r\n", {Flaw.SUFFIX}),
    "no dot doubled": (DOTS, DOTS, {Flaw.DOT_LOST}),
    "dots doubled twice": (DOTS, stuffed(stuffed(DOTS)), {Flaw.DOT_ADDED}),
    "each dot doubled": (EDGES, EDGES.replace(b".", b".."), {Flaw.DOT_ADDED}),
    "ended by its own dot": (LONE_DOT, LONE_DOT.partition(b".\r\n")[0] + b"before", {Flaw.OTHER}),
    "cut at its own dot": (LONE_DOT, LONE_DOT[: LONE_DOT.index(b"\r\n.\r\n") + 2], {Flaw.END_LOST}),
    "no dot doubled, LF and an empty line": (
        DOTS,
        DOTS.replace(b"\r\n", b"\n") + b"\n",
        {Flaw.DOT_LOST, Flaw.LF, Flaw.EMPTY_LINE_ADDED},
    ),
    "not ASCII, replaced": (NOT_ASCII, NOT_ASCII.decode().encode("ascii", "replace"), {Flaw.OCTETS}),
    "not ASCII, as Latin-1": (NOT_ASCII, NOT_ASCII.decode().encode("latin-1", "replace"), {Flaw.OCTETS}),
    "not ASCII, left out": (NOT_ASCII, NOT_ASCII.decode().encode("ascii", "ignore"), {Flaw.OCTETS}),
    "half of Bcc": (BLIND_COPY, re.sub(rb"(?m)^Bcc:.*\n", b"", BLIND_COPY), {Flaw.BCC}),
    "octets 0": (PLAIN_TEXT, PLAIN_TEXT.replace(b"\r\nTo:", b"\0\0\r\nTo:"), {Flaw.NUL}),
    "the beginning alone": (PLAIN_TEXT, PLAIN_TEXT[:60], {Flaw.END_LOST}),
    "the body alone": (PLAIN_TEXT, PLAIN_TEXT.partition(b"\r\n\r\n")[2], {Flaw.BEGINNING_LOST}),
    "nothing": (PLAIN_TEXT, b"", {Flaw.END_LOST}),
    "long lines cut": (PLAIN_TEXT, re.sub(rb"(.{20})(?=.)", rb"\1\r\n", PLAIN_TEXT), {Flaw.LINES_CUT}),
    "another one": (PLAIN_TEXT, b"I love computer networks!\r\n", {Flaw.OTHER}),
    "another one with LF": (PLAIN_TEXT, b"I love computer networks!\n\r\n", {Flaw.OTHER, Flaw.LF}),
    "a large one with LF and an empty line": (
        LARGE,
        LARGE.replace(b"\r\n", b"\n") + b"\r\n",
        {Flaw.LF, Flaw.EMPTY_LINE_ADDED},
    ),
    "a large one with a hole": (LARGE, LARGE[:1000] + LARGE[1007:], {Flaw.OTHER}),
}  # fmt: skip


@pytest.mark.parametrize("name", FLAWS)
def test_the_flaws_are_these(name: str) -> None:
    message, text, flaws = FLAWS[name]
    assert difference(message, text).flaws == flaws


@pytest.mark.parametrize("message", [PLAIN_TEXT, EDGES, DOTS, LONE_DOT, LARGE, NOT_ASCII])
def test_a_message_with_its_dots_doubled_has_no_flaw(message: bytes) -> None:
    assert difference(message, stuffed(message)) == Difference()


def test_each_flaw_has_the_line_that_shows_it() -> None:
    lines = difference(PLAIN_TEXT, LF_ONLY + b"\r\n").lines
    assert lines[Flaw.LF] == (b"From: Carol <carol@client.example>\r\n", b"From: Carol <carol@client.example>\n")
    assert lines[Flaw.EMPTY_LINE_ADDED] == (b"", b"\r\n")
    dots = difference(DOTS, DOTS + b"\r\n").lines
    assert dots[Flaw.DOT_LOST] == (b"..hidden\r\n", b".hidden\r\n")


def test_every_flaw_has_a_row() -> None:
    assert {flaw for _, _, flaws in FLAWS.values() for flaw in flaws} == set(Flaw)
