"""The protocol kernel: it turns octets into commands and replies, and back, and does nothing else.

It opens no socket, starts no thread and reads no clock. Whoever does that calls `server` or `client`. Read it in this
order; each module imports only from those above it:

- `sentences`: the wording of every error
- `codes`: what the three digits of a reply mean
- `replies`: what a server says, the canonical replies as values, and the errors that carry one
- `abnf`: the grammar of addresses and arguments as patterns
- `diagnosis`: what is wrong with a line, in words; skip it at first, nothing depends on how it works
- `grammar`: paths, parameters and host names as values
- `commands`: what a client says, a class for each verb
- `extensions`: what the EHLO reply offers, and the parameters that it allows
- `states`: what may come when, and where it leads
- `buffer`, `body`: how lines and messages are cut out of a stream of octets
- `events`: what arrives at either end, beside commands and replies
- `connection`: what both ends have in common
- `server`, `client`: the two ends, made of all this
"""
