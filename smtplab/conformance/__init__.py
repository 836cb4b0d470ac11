"""Conformance: run a mail server or a mail client of any language against the rules of RFC 5321, stage by stage.

`rule` has what a rule and its finding are, `stages` the order of a run, `report` shows what came of it. `server_rules`
and the probes judge servers, over TCP or in memory. `client_rules` judge clients, which talk to a `PlayedServer`:
functions in memory, programs over TCP. `hangs` says why both sides wait; the coach of ``smtplab serve`` says it, too.
"""
