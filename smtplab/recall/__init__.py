"""Questions about wrong beliefs that come back over days, and the file that remembers them."""
