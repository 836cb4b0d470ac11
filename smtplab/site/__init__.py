"""The course as static pages: tutorials to read, exercises, slides, and a reference made from the tables.

`build.build_site` makes a folder that any web server can give out. It needs the extra ``site``: Sphinx with MyST-NB and
the theme Furo for the pages, and reveal.js for the slides. No page loads anything from another host.
"""
