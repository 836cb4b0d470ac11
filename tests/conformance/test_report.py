"""The report of a run: what it counts, and its text, table, JSON and HTML. Also the run in stages."""

import json
from collections.abc import Sequence
from html.parser import HTMLParser

import pytest

from conformance.bank_servers import WRONG, Right
from smtplab.conformance.report import ConformanceReport, explanation
from smtplab.conformance.rule import ConformanceFinding, ConformanceRule, RuleOutcome
from smtplab.conformance.servers.check import check_conformance
from smtplab.conformance.stages import CLIENT_STAGES, SERVER_STAGES, Stage, run_stages

STAGES = (Stage("one", "It begins."), Stage("two", "It goes on."), Stage("three", "It ends."))


def rule(id: str, stage: str, *needs: str, points: int = 1) -> ConformanceRule:
    return ConformanceRule(id, stage, "RFC 5321 4.2", f"The rule {id}.", f"Look at {id}.", needs, points)


RULES = (rule("a", "one"), rule("b", "one", points=2), rule("c", "two", "b"), rule("d", "two", "c"), rule("e", "three"))


def found(*failing: str, all: bool = False, rules: Sequence[ConformanceRule] = RULES) -> list[ConformanceFinding]:
    """Return the findings of a run in which these rules fail."""

    def judge(each: ConformanceRule) -> ConformanceFinding:
        return ConformanceFinding(each, RuleOutcome.FAIL if each.id in failing else RuleOutcome.PASS)

    return list(run_stages(STAGES, rules, judge, all=all))


def outcomes(findings: Sequence[ConformanceFinding]) -> dict[str, str]:
    return {each.rule.id: each.outcome.value for each in findings}


def test_a_run_judges_every_rule_if_none_fails() -> None:
    assert outcomes(found()) == dict.fromkeys("abcde", "pass")


def test_a_run_ends_its_stage_and_stops_when_a_rule_fails() -> None:
    assert outcomes(found("a")) == {"a": "fail", "b": "pass"}


def test_a_run_of_all_stages_goes_on_and_skips_what_has_the_same_cause() -> None:
    findings = found("b", all=True)
    assert outcomes(findings) == {"a": "pass", "b": "fail", "c": "skip", "d": "skip", "e": "pass"}
    assert findings[3].look == "This rule needs b."  # the cause, and not c in between


def test_a_rule_whose_needed_rule_was_skipped_for_another_reason_is_judged() -> None:
    def judge(each: ConformanceRule) -> ConformanceFinding:
        return ConformanceFinding(each, RuleOutcome.SKIP if each.id == "b" else RuleOutcome.PASS, sentence="unseen")

    assert outcomes(list(run_stages(STAGES, RULES, judge))) == {
        "a": "pass", "b": "skip", "c": "pass", "d": "pass", "e": "pass",
    }  # fmt: skip


@pytest.mark.parametrize("stages", [SERVER_STAGES, CLIENT_STAGES])
def test_stages_have_names_of_their_own_and_a_goal(stages: Sequence[Stage]) -> None:
    assert len({stage.name for stage in stages}) == len(stages)
    assert all(stage.goal.endswith(".") for stage in stages)


def test_a_report_counts_rules_and_points() -> None:
    report = ConformanceReport(found("b", all=True), "the program", STAGES)
    assert [report.count(each) for each in RuleOutcome] == [2, 1, 2]
    assert (report.points, report.possible) == (2, 6)
    assert not report.passed
    assert report.first_failure is not None
    assert report.first_failure.rule.id == "b"


def test_a_report_without_failures_is_passed_unless_it_was_interrupted() -> None:
    assert ConformanceReport(found(), stages=STAGES).passed
    interrupted = ConformanceReport(found(), stages=STAGES, complete=False)
    assert not interrupted.passed
    assert interrupted.first_failure is None
    assert "interrupted" in str(interrupted)


def test_the_text_names_the_stage_where_the_run_stopped() -> None:
    text = str(ConformanceReport(found("a"), "mine", STAGES))
    assert text.splitlines()[0].split() == ["FAILED", "1", "one", "1/2", "It", "begins."]
    assert text.splitlines()[-1] == "mine: 1 rule passed, 1 failed, 0 skipped. The run stopped after stage 1 of 3, one."


def test_a_failure_is_told_with_what_was_sent_expected_and_came() -> None:
    finding = ConformanceFinding(
        RULES[0], RuleOutcome.FAIL, b"NOOP\r\n", b"250 ok\n", "(nothing more for 3 s)", "250", "Mend it."
    )
    assert list(explanation(finding)) == [
        "FAILED: a  (RFC 5321 4.2)",
        "  Rule      The rule a.",
        "  Sent      NOOP<CRLF>",
        "  Expected  250",
        "  Came      250 ok<LF>",
        "            (32 35 30 20 6f 6b 0a)",
        "            (nothing more for 3 s)",
        "  Look at   Mend it.",
    ]


def test_a_second_crash_at_the_same_line_refers_to_the_first() -> None:
    class Broken(Right):
        def command(self, line: bytes) -> bytes:
            raise KeyError(line[:4])

    report = str(check_conformance(Broken, all=True))
    assert report.count("Your program raised this error.") == 1

    class BrokenVerbs(Right):
        def rset(self, argument: bytes) -> bytes:
            return self.lost()

        def noop(self, argument: bytes) -> bytes:
            return self.lost()

        def lost(self) -> bytes:
            raise KeyError("lost")

    found = check_conformance(BrokenVerbs)
    for report in (str(found), found._repr_html_()):
        assert report.count("Your program raised this error.") == 1
        assert report.count("This has the same cause as rset-is-answered-250.") == 1


def test_what_to_look_at_is_told_once_and_the_next_rule_refers_to_it() -> None:
    def failed(number: int, play: str) -> ConformanceFinding:
        return ConformanceFinding(
            RULES[number], RuleOutcome.FAIL, b"550 no\r\n", b"DATA\r\n", "", "QUIT", "Look at the code.", play
        )

    report = ConformanceReport(
        [failed(0, "It refuses."), failed(1, "It refuses again."), failed(2, "")], "mine", STAGES
    )
    for told in (str(report), report._repr_html_()):
        assert told.count("Look at the code.") == 1
        assert told.count("One more rule fails in the same way: b.") == 1, "in a play the rule says it all"
        assert told.count("The same as for a.") == 1
        assert told.count("DATA") == 2
    assert report.to_json().count("Look at the code.") == 3


def test_failures_in_plays_with_another_end_are_told_for_themselves() -> None:
    def failed(number: int, note: str) -> ConformanceFinding:
        return ConformanceFinding(RULES[number], RuleOutcome.FAIL, note=note, play="It refuses.")

    report = str(ConformanceReport([failed(0, "It ended."), failed(1, "It was silent.")], "mine", STAGES))
    assert report.count("FAILED: ") == 2


def test_a_stage_with_rules_that_were_skipped_is_not_ok() -> None:
    skip = ConformanceFinding(RULES[1], RuleOutcome.SKIP, sentence="unseen")
    partly = ConformanceReport([ConformanceFinding(RULES[0], RuleOutcome.PASS), skip], "mine", STAGES)
    skipped = ConformanceReport([skip], "mine", STAGES)
    failed = ConformanceReport([ConformanceFinding(RULES[0], RuleOutcome.FAIL), skip], "mine", STAGES)
    assert partly.stage_line(STAGES[0]) == "partly   1 one        1/2    It begins. (1 skipped)"
    assert "1 of 2 (1 skipped)" in partly._repr_html_()
    assert skipped.stage_line(STAGES[0]).startswith("skipped")
    assert failed.stage_line(STAGES[0]) == "FAILED   1 one        0/2    It begins."


def test_what_stopped_a_run_takes_the_place_of_the_rule() -> None:
    finding = ConformanceFinding(RULES[0], RuleOutcome.FAIL, instead="the server is gone")
    assert list(explanation(finding)) == ["FAILED: the server is gone", "  Look at   Look at a."]
    page = ConformanceReport([finding], "mine", STAGES)._repr_html_()
    assert "the server is gone" in page
    assert "The rule a." not in page


def test_the_html_says_why_rules_were_skipped() -> None:
    page = "".join(Page(check_conformance(WRONG["ends-each-line-of-ehlo"].server, all=True)._repr_html_()).words)
    assert page.count("2 rules skipped: The server does not offer SIZE.") == 1


def test_each_reason_to_skip_rules_is_told_once() -> None:
    text = str(check_conformance(WRONG["ends-each-line-of-ehlo"].server, all=True))
    assert text.count("The server does not offer SIZE.") == 1
    assert "2 rules skipped: The server does not offer SIZE." in text


def test_the_json_has_octets_as_latin_1_and_all_findings() -> None:
    report = check_conformance(WRONG["decodes-ascii"].server)
    data = json.loads(report.to_json())
    assert [each["rule"] for each in data["findings"]] == [each.rule.id for each in report.findings]
    (failure,) = [each for each in data["findings"] if each["outcome"] == "fail"]
    assert failure["sent"].encode("latin-1") == b"\xff\xfe\xe9\r\n"
    assert (data["passed"], data["complete"], data["subject"]) == (False, True, "DecodesAscii")
    assert data["stages"][-1]["name"] == "syntax"


def test_the_table_has_a_row_for_each_rule() -> None:
    report = check_conformance(WRONG["stores-nothing"].server)
    assert list(report.table["rule"]) == [each.rule.id for each in report.findings]
    row = report.table.set_index("rule").loc["message-is-stored"]
    assert (row["outcome"], row["came"]) == ("fail", "(0 stored)")


class Page(HTMLParser):
    """Reads the text of a page, and its tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_html_says_in_words_what_failed_and_names_its_headings() -> None:
    report = check_conformance(WRONG["replies-end-in-lf"].server)
    page = Page(report.to_html())
    text = "".join(page.words)
    assert "220 mail.lab.example ready<LF>" in text
    assert "FAILED" in text
    assert report.summary in text
    assert ("html", {"lang": "en"}) in page.tags
    assert all(attributes.get("scope") in ("row", "col") for tag, attributes in page.tags if tag == "th")
    assert sum(tag == "h1" for tag, _ in page.tags) == sum(tag == "main" for tag, _ in page.tags) == 1


def test_a_notebook_shows_the_report_and_escapes_what_came() -> None:
    class Script(Right):
        def greet(self) -> bytes:
            return self.say("220 <script>alert(1)</script>")

    shown = check_conformance(Script)._repr_html_()
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert repr(check_conformance(Script)) == "<ConformanceReport of Script, 7 of 8 rules hold>"


def test_a_name_in_the_reason_of_a_skipped_rule_is_code_on_the_page() -> None:
    finding = ConformanceFinding(rule("a", "one"), RuleOutcome.SKIP, sentence="It has no `closed` <b>.")
    page = ConformanceReport([finding], "mine", STAGES)._repr_html_()
    assert ">closed</span> &lt;b&gt;." in page
    assert "`" not in page
