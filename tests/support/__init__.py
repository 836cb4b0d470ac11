"""What tests share, in one place: `from support.hosts import mail_host`.

- `paths`: where the repository and its data lie.
- `kernel`: values of every kind, both ends of the protocol kernel in any state, drivers and assertions.
- `octets`: octets cut as a network may cut them, false ends of data, octets that count how often they are read.
- `raw_client`: a client that sends what it is told, in either world.
- `odd_faults`: what odd servers do, as lines of the language of faults.
- `odd_server`: a server that says what it is told, right or wrong.
- `scripted_server`: the same for a client's session alone, without a socket, its octets cut in every way.
- `templates`: a package's sentences, and which of them a text has, whatever their words.
- `lesson_sentences`: the same for what a lesson says.
- `golden`: texts that are kept in files, word by word.
- `hosts`: mail hosts in either world, and stores that can be held up or broken.
- `file_calls`: stand-ins for the module os that note calls, let some fail, or kill their process.
- `relaying`: a host with a queue, run without sockets and with a time that is only a number.
- `scenarios`: random scenarios for simulations.
- `mail_hosts`: ``smtplab mta`` in a process of its own, and ``smtplab queue`` beside it.
- `command_line`: a running ``smtplab serve``, a terminal, and the check that a command fails as it should.
- `terminal_screen`: the text that a terminal shows.
- `python`: a Python of its own that runs a script.
- `processors`: how many processors there are, and how long they have worked.
- `selection`: which tests run when none is named, in which order, and which ones ``--fast`` leaves out.
- `tracing`: which tests coverage does not look at.
- `skips`: for which reasons a test may be skipped where everything is installed.
- `written_session`: one session, written with whatever stands before its lines.
- `peers`: clients and servers of other makers.
- `captures`: capture files, with everything in them that a real network may do to a connection.
- `tutorials`: small tutorials in memory.
- `student`: a student's notebook that runs the cells of a tutorial.
- `cells`: cells of the SMTP kernel that must succeed or must fail.
- `lab_ladder`: the fixtures of the tests that hold a session in a lab.
- `views`: the parts of a widget's view.
- `contrast`: how well what is shown can be read in light and dark themes.
- `drawing`: sessions worth drawing, every figure, and how to read a drawing back.
- `jupyter_kernel`: a Jupyter kernel that runs.
- `lab_server`, `chromium`, `lab_page`: JupyterLab as ``smtplab start`` starts it, a browser, and notebooks open in it.
- `axe`: accessibility of what the browser shows, as axe-core sees it.
- `bank`, `nbgrader_commands`: an exercise's notebook filled with answers and run, here or by nbgrader.
- `handed_in_class`: a class of 40, with the tables and zips that Moodle and Canvas make of it.
- `graded_class`: the results of graded classes, and of notebooks that are filled with answers.
- `written_programs`: programs for one task by people who have not met.
- `written_html`: what is in a page of HTML, and what of it is live.
- `session_answers`: answers that hold a session, made from lines or octets.

Other fixtures are not here: each stands in the ``conftest.py`` of the folder whose tests climb on it.
"""
