"""The course as a site for browsers: check its parts, build it, and serve it on this machine.

JupyterLite, which is JupyterLab without a server, and Pyodide, which is Python for browsers, do the work there.
"""
