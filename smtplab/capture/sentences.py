"""The error sentences of captures, with ``{fields}`` for what is known only when the error occurs."""

# Reading
COMPRESSED = "{name} is compressed with {kind}; unpack it first, for example with {command}"
NO_CAPTURE = "{name} is not a capture: it begins neither as pcap nor as pcapng does"
DAMAGED = "{name} is damaged at octet {at}: {reason}; capture it again, or repair it with `editcap`"
NO_FILE_HEADER = "its file header is cut short"
BAD_LENGTH = "a length of {length} octets cannot be right"
NO_INTERFACE = "a packet belongs to interface {number}, which the file does not describe"
UNKNOWN_LINK = (
    "{name} was captured on a link of type {link}, which smtplab cannot read; "
    "capture on Ethernet, on loopback or with `tcpdump -i any`"
)

# Writing
NO_TRANSCRIPT = "a capture is written from transcripts, sessions or conversations, not from a value of type {kind}"
NOT_A_PORT = "{port!r} is not a valid port; use a number from 1 to 65535, such as 25 or 587"
NOT_AN_ADDRESS = "{address!r}, the address of {name}, is not a valid IP address"
TWO_FAMILIES = "{client} has an IPv4 address and {server} an IPv6 address, or the reverse; give both the same kind"
NOT_A_TIME = "a time of {time!r} seconds does not fit into a capture; the clock may run from 1970 to 2106"
TOO_MANY = "{client} cannot open one more connection to {server} port {port}: all its ports are used"
