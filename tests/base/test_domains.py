"""Domains beyond ASCII: A-labels for the wire, and one key for all forms of a domain."""

import subprocess
import sys
from unicodedata import normalize

import pytest

from smtplab.base.domains import address_to_ascii, domain_key, host_key, to_ascii


@pytest.mark.parametrize(
    ("domain", "ascii_form"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.Example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("mail.zoë.example", "mail.xn--zo-ija.example"),
        ("Lab.example", "Lab.example"),
        ("[192.0.2.1]", "[192.0.2.1]"),
        ("", ""),
    ],
)
def test_domain_is_written_in_a_labels(domain: str, ascii_form: str) -> None:
    for form in ("NFC", "NFD"):
        assert to_ascii(normalize(form, domain)) == ascii_form


@pytest.mark.parametrize("domain", ["☃️\u200d.example", "ü" * 70 + ".example"])
def test_domain_without_a_labels_stays_as_it_is(domain: str) -> None:
    assert to_ascii(domain) == domain


@pytest.mark.parametrize(
    ("address", "ascii_form"),
    [
        ("zoë@bücher.example", "zoë@xn--bcher-kva.example"),
        ('"a@b"@bücher.example', '"a@b"@xn--bcher-kva.example'),
        ("bob@lab.example", "bob@lab.example"),
    ],
)
def test_domain_of_an_address_is_written_in_a_labels(address: str, ascii_form: str) -> None:
    assert address_to_ascii(address) == ascii_form


@pytest.mark.parametrize("form", ["bücher.example", "bu\u0308cher.example", "XN--BCHER-KVA.example", "Bücher.EXAMPLE"])
def test_all_forms_of_a_domain_have_one_key(form: str) -> None:
    assert domain_key(form) == "xn--bcher-kva.example"


@pytest.mark.parametrize("form", ["Bücher.example.", "xn--bcher-kva.EXAMPLE", "bücher.example"])
def test_the_dot_behind_a_fully_qualified_name_does_not_count(form: str) -> None:
    assert host_key(form) == "xn--bcher-kva.example"


def test_other_domains_have_other_keys() -> None:
    assert domain_key("bucher.example") != domain_key("bücher.example")


def test_package_is_imported_only_for_a_domain_beyond_ascii() -> None:
    code = "import sys, smtplab.mta.host, smtplab.client.session; print('idna' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
