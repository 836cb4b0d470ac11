"""Where the octets travel: in memory or over TCP. The protocol and the hosts are the same in each."""
