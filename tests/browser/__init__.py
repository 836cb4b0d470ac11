"""What a student sees, in a real JupyterLab and a real browser.

This folder is a package, unlike its neighbours, so that the fixtures of scope "package" end with its last test:
while Playwright runs, no other test in the process could run an event loop.
"""
