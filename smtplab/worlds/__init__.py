"""Where the octets travel: in memory, on a virtual clock, or over TCP. Each world runs the same protocol and hosts."""
