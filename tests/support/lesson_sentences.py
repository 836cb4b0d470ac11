"""Which sentence a lesson says, whatever its words; these are held in `lessons/test_sentences.py`."""

from functools import partial

from smtplab.lessons import sentences

from . import templates

says = partial(templates.says, sentences)
