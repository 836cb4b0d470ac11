"""The course on this machine: copies of its notebooks, and what is wrong with an installation."""
