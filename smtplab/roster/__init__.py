"""Who is in the class, and what each student handed in: tables of learning platforms, their zips, and folders.

`making` reads a platform's table and makes the roster, `collect` finds each student's notebook, `hand_in_zip`
packs one at the student's desk, and `purge` removes a class. Nothing here grades, and nothing follows a link.
"""
