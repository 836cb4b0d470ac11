"""Conformance: run a mail server or a mail client of any language against the rules of RFC 5321, stage by stage.

`rule` has what a rule and its finding are, `stages` the order of a run, `report` shows what came of it. In `servers`
are the rules and probes that judge servers, over TCP or in memory. In `clients` are those for clients, functions in
memory or programs over TCP, which talk to a `PlayedServer`. `clients.hangs` says why both sides wait; the coach of
``smtplab serve`` says it, too. `sentences` has what belongs to no single rule.
"""
