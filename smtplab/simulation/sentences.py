"""The sentences of errors in this room."""

NO_HOSTS = 'a scenario needs at least one host; add a table such as [hosts."mail.lab.example"]'
HOST_TWICE = "the host {name} is there twice; give each host a name of its own"
ADDRESS_TWICE = "the hosts {one} and {other} have the same address {address}; give each host an address of its own"
UNKNOWN_HOST = "there is no host {name!r} in the scenario; it has {known}"
UNKNOWN_HOP = "{name} is neither a host nor a domain of the scenario, so no mail goes there"
NO_SENDING_HOST = (
    "no host delivers the mail of the sender {sender!r}; name the host that takes the message in `through`"
)
NO_RECIPIENTS = "a message needs at least one recipient"
NOBODY_WRITES = "traffic needs a host with a domain and mailboxes"
NO_DURATION = "the duration must be more than 0 s"
BAD_LENGTHS = "drawn outages need a count of 0 or more, and at_least must be more than 0 s and at most at_most"
NOT_AN_ADDRESS = "{text!r} is not an address, such as bob@lab.example: {reason}"
NUMBER_TOO_LOW = "{key} must be at least {least}, not {number}"
BAD_SHARE = "`unknown` is how many in a hundred recipients are unknown, 0 to 100, not {number}"
AFTER_THE_END = "{key!r} is {time}, and the run ends after {ends}; choose an earlier time, or a longer `duration`"
BAD_TRAFFIC = "traffic needs 0 or more messages and octets, 1 or more recipients, and at least a second"
UNREADABLE = "{path} cannot be read: {reason}"
NOT_TOML = "{path} is not a TOML file: {reason}"
WRONG = "{path}: {reason}"
NOT_SO_MANY = "`count` in [[families]] must be from 1 to {most}, and the name must hold {{n}}"
NOT_TABLES = "{key!r} must be written as [[{key}]] tables"
TWO_ENDS = 'a link is between two hosts, as in between = ["a.example", "b.example"]'
NO_LENGTH = 'say how long it lasts, as in for = "3 d"'
NO_SUCH_SCENARIO = "there is no scenario {name!r}; use the path of a file, or one of {names}"
BROKEN = "at {time} after {event}: {what}"
NOT_WRITTEN_DOWN = "this run has not written down its sessions; run it with simulate(..., records=True)"
