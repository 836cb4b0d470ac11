"""The error sentences of the worlds, each in one place."""

# A host cannot be reached over TCP.
NO_PORT = "there is no port {port}; ports go from 1 to 65535"
NO_HOST = "there is no host {host!r}: {reason}"
REMOTE = "{host} is another machine ({address}), and mail leaves this one only if you allow it (allow_remote)"
NO_ANSWER = "{host} port {port} did not answer within {seconds:g} s"
NOBODY_LISTENS = "nobody listens on {host} port {port}; is the server running?"
CANNOT_CONNECT = "cannot connect to {host} port {port}: {reason}"

# A server cannot listen.
NO_PORT_TO_LISTEN = "there is no port {port}; ports go from 0 to 65535, and 0 takes a free one"
NOT_A_HOST = "{host} cannot be the name of a host"
PORT_TAKEN = "port {port} on {host} is taken; stop the program that holds it, or choose another (0 finds a free one)"
PORT_RESERVED = "port {port} is reserved for the system; choose one above 1023 (0 finds a free one)"
NOT_OUR_ADDRESS = "{host} is not an address of this machine; use 127.0.0.1"
CANNOT_LISTEN = "cannot listen on {host} port {port}: {reason}"
STARTED_BEFORE = "this server has been started before, and serves only once; make a new one"

# A host cannot be reached in memory or on a virtual clock.
UNKNOWN_HOST = "there is no host {name!r} here, only {names}"
HOST_DOWN = "{host} does not answer; the host is down"
CONNECTION_REFUSED = "{host} refuses the connection"
CONNECTION_RESET = "connection reset by peer"
NO_MAIL_SERVER = "nobody listens on {host} port {port}; the host has no mail server"
OTHER_PORT = "nobody listens on {host} port {port}; mail servers listen on port {smtp_port}"

# A wrong argument.
NAME_IS_TEXT = "a host name is text, such as {example!r}, not {value!r}"
PORT_IS_NUMBER = "a port is a number, such as {example}, not {value!r}"
DELAY = "a delay is 0 or more microseconds, not {delay}; an event cannot happen in the past"
LATENCY = "latency: {latency!r} is not a number of seconds; use 0 or more, such as 0.03"
BANDWIDTH = "a bandwidth is 0 (no limit) or more octets a second, not {bandwidth}"

# A client held by hand in memory.
CLOSED_BY_SERVER = "the server has closed the connection"
SILENT = "the server says nothing"

# A socket in memory.
BOTH_WAIT = (
    "the server waits for you, and you wait for the server, so this would hang for ever; "
    "look at what you sent last, and set a timeout with settimeout(seconds)"
)
END_READ_AGAIN = "recv has returned b'' many times, because the server has closed; end your loop when it does"
TIMED_OUT_AGAIN = "recv has timed out many times, because the server has nothing to say; end your loop when it does"
TIMED_OUT = "timed out: nothing has come within {seconds:g} s"
SOCKET_CLOSED = "the socket is closed; make a new connection"
NEGATIVE_TIMEOUT = "a timeout is 0 or more seconds, not {seconds:g}"

# A program that was started to be tried.
NOT_CONNECTED = "it did not connect within {seconds:g} s, and was stopped"
IDLE = "it said nothing more for {seconds:g} s, and was stopped"
STILL_RUNS = "it still ran {seconds:g} s after the connection had closed, and was stopped"
TOO_LONG = "it had not ended after {seconds:g} s, and was stopped"
ENDED_BY_SIGNAL = "ended by the signal {name}"
CRASH_PLACE = "{error} ({file}, line {number})"

# The control socket of a host.
HOST_ENDED = "the host has ended before it has answered"
HOST_SILENT = "the host has not answered within {seconds:g} s; look at its queue again before you repeat the command"
HOST_STOPS = "the host stops, and may not have done this; look at its queue again"
NOT_A_REQUEST = "a request is one line with a JSON object, of at most {octets} octets"
REQUEST_LATE = "no request has come within {seconds:g} s"
REQUEST_BROKE = "the request broke by a mistake in this host's program; see its log"
ANSWER_LATE = "the host was not ready within {seconds:g} s, and may still do this; look at its queue again"
