"""What a client has said is written so that it can be said again."""

from smtplab import Lab, Transcript
from smtplab.jupyter.engine import Engine
from smtplab.jupyter.widgets.script import python, smtp_cell
from smtplab.transcript import Side

HOST = "mail.adelphia.net"
OPENED = f'smtplab.Lab().telnet("{HOST}", 25)'


def session_with_odd_lines() -> Transcript:
    session = Lab().telnet(HOST)
    session.send('HELO "odd"')
    session.send("NOOP jürgen\\x41")
    session.send_bytes(b"NOOP bare\nLF\r\n")
    session.send_bytes(b"NOOP \xff\r\n")
    return Transcript(session.transcript)


def test_a_cell_holds_the_connection_and_the_lines_of_the_client() -> None:
    session = Lab().telnet(HOST)
    session.send("HELO x.example\nQUIT")
    assert smtp_cell(session.transcript, HOST, 25) == "telnet mail.adelphia.net 25\nHELO x.example\nQUIT"


def test_lines_of_a_message_stand_in_a_cell_as_they_were_typed() -> None:
    session = Lab().telnet(HOST)
    said = "HELO x.example\nMAIL FROM:<forouzanb@adelphia.net>\nRCPT TO:<forouzanb@adelphia.net>\nDATA\n"
    said += "Subject: Test\n\n# no comment\ntelnet elsewhere 25\n."
    session.send(said)
    assert smtp_cell(session.transcript, HOST, 25) == f"telnet {HOST} 25\n{said}"


def test_python_opens_the_session_where_it_was_held() -> None:
    session = Lab().telnet(HOST)
    session.send("QUIT")
    assert python(session.transcript, OPENED) == f'import smtplab\n\nsession = {OPENED}\nsession.send("QUIT")'


def test_a_cell_that_is_run_says_the_same_octets() -> None:
    session = Lab().telnet(HOST)
    session.send("# no comment\n%why\n\ntelnet elsewhere 25\nNOOP trailing \nHELO x.example")
    session.send("MAIL FROM:<forouzanb@adelphia.net>\nRCPT TO:<forouzanb@adelphia.net>\nDATA")
    session.send("Subject: Test\n\n%why\n\n\n%nothing\n  \n \n# no comment\n..\ntelnet x 25\ntab\there\n\n.")
    session.send_bytes(b"NOOP bare\nLF \\ \xff\r\n")
    session.send("QUIT")
    engine = Engine()
    step = engine.run(smtp_cell(session.transcript, HOST, 25))
    assert step.failure is None
    assert engine.session is not None
    assert engine.session.transcript.lines(Side.CLIENT) == session.transcript.lines(Side.CLIENT)


def test_python_that_is_run_says_the_same_octets() -> None:
    said = session_with_odd_lines()
    names: dict[str, object] = {}
    exec(python(said, OPENED), names)
    again = names["session"]
    assert again.transcript.lines(Side.CLIENT) == said.lines(Side.CLIENT)  # type: ignore[attr-defined]
    assert said.diff(again.transcript).same  # type: ignore[attr-defined]
