"""The course on this machine: copy its notebooks, and check the installation."""
