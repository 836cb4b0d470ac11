"""Which sentence a lesson says, whatever its words; these are held in `lessons/test_sentences.py`."""

from smtplab.lessons import sentences

from .templates import is_made_of


def says(told: str, names: str, *words: str) -> bool:
    """Return True if a text has sentences, also at the beginning of a line, and has words.

    Args:
        told: what a lesson says.
        names: the names of the sentences in `smtplab.lessons.sentences`, with a blank between.
        words: what else stands in the text: a verdict, or what fills the fields of a sentence.
    """
    templates = [getattr(sentences, name) for name in names.split()]
    said = all(is_made_of(told, each) or is_made_of(told, f"{each[:1].upper()}{each[1:]}") for each in templates)
    return said and all(word in told for word in words)
