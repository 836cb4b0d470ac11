"""Where everything is installed, a test skips only for a reason that is named."""

import pytest

from support import skips


def _skip(reason: str, *, expected_to_fail: bool = False) -> pytest.TestReport:
    report = pytest.TestReport("tests/test_x.py::test_y", ("", 0, ""), {}, "skipped", ("f.py", 1, reason), "call")
    if expected_to_fail:
        report.wasxfail = ""
    return report


@pytest.fixture(params=["named", None], ids=["where they must be named", "elsewhere"])
def must_be_named(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setenv("SMTPLAB_SKIPS", request.param or "")
    return bool(request.param)


def test_a_skip_for_another_reason_fails_where_reasons_must_be_named(must_be_named: bool) -> None:
    report = _skip("Skipped: the program swaks is not installed")
    skips.refuse_unnamed(report)
    assert report.failed == must_be_named
    assert "swaks" in str(report.longrepr)


@pytest.mark.usefixtures("must_be_named")
@pytest.mark.parametrize("reason", skips.NAMED)
def test_a_named_reason_is_taken(reason: str) -> None:
    report = _skip(f"Skipped: {reason}: and more")
    skips.refuse_unnamed(report)
    assert report.skipped


@pytest.mark.usefixtures("must_be_named")
def test_a_failure_that_was_expected_is_no_skip() -> None:
    report = _skip("known", expected_to_fail=True)
    skips.refuse_unnamed(report)
    assert report.skipped
