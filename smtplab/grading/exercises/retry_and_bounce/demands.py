"""What a retry schedule must do in exercise 07, for the task sheet and for the rules.

The numbers leave room for every schedule that follows RFC 5321 4.5.4.1: two attempts in the first hour, then one every
two or three hours, and an end after four to five days.
"""

from __future__ import annotations

# Minutes after a short outage, hours after a long one, and minutes for a host that greylists.
SHORT_DELAY_MINUTES, LONG_DELAY_HOURS, GREYLIST_MINUTES = 40, 4, 90
# The most attempts: on a busy host in its hours, and in an outage of four days.
BUSY_ATTEMPTS, BUSY_HOURS, LONG_ATTEMPTS = 10, 8, 60
# When the sender is warned, and when the message is given up.
WARN_HOURS, GIVE_UP_DAYS = (1, 8), (4, 7)
