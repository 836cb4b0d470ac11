"""Captures: transcripts as packets that Wireshark reads, and packets that somebody captured as transcripts.

::

    smtplab.write_capture("session.pcap", session)      # or several, such as lab.conversations
    smtplab.read_capture("lecture.pcapng")[0].transcript

A capture is a form of a transcript, as JSON is, and moves no octets; so it stands beside the transcripts and not among
the worlds. `files` has the formats pcap and pcapng, `headers` IP and TCP, `streams` and `connections` the order of the
octets, and `rows` the lines. All of it needs the standard library alone, and only `read_capture` and `write_capture`
touch a file.
"""

from .capture_reader import read_capture
from .capture_writer import write_capture
from .captured_session import CapturedSession
from .files import is_capture

__all__ = ["CapturedSession", "is_capture", "read_capture", "write_capture"]
