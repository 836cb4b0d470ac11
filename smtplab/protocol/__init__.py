r"""The protocol kernel: it turns octets into commands and replies, and back, and does nothing else.

It opens no socket, starts no thread and reads no clock. Whoever does that moves octets between the network and one of
the two ends, `server.ServerConnection` or `client.ClientConnection`. This is one command on its way through the modules
of a server, and its reply on the way back::

    the network   b"RCPT TO:<bob@b.exam", b"ple>\r\n"    in whatever pieces it arrives
    buffer        b"RCPT TO:<bob@b.example>"             a line
    commands      Rcpt(Path("bob", "b.example"))         a value; `grammar` reads the path, by the patterns of `abnf`
    states        RCPT may come in the state SENDER      if not: an error that carries the reply 503
    extensions    no parameter, so none to allow         if one were not on offer: an error with 555
    server        next_event() returns the value         and a reply is due
    the caller    send(replies.RECIPIENT_OK)             or 550, if there is no bob
    states        250 may answer RCPT                    and leads from SENDER to RECIPIENT
    replies       b"250 2.1.5 Recipient ok\r\n"          what data_to_send() returns

A client goes the same way from the other end: it sends the value, and reads the reply.

Read the modules in this order; each one imports only from those above it:

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

Two habits of these pages: a comment that begins with "RFC" gives the rule in our words, and the lines below it carry it
out; one that begins with "Here:" says where we differ from the rule, and why. Examples behind ``>>>`` are run by the
tests.
"""
