"""Other people's texts: nothing in them obeys, hides or reorders what stands around them."""

import pytest

from pymeta.show.text import clean, is_unsafe, one_line

HOSTILE = "\x1b[31mred\n\x9b2J\u202ecsv\u200bx\u2028y\ud800z\0"


@pytest.mark.parametrize("show", [clean, one_line])
def test_nothing_unsafe_is_left(show):
    assert not [c for c in show(HOSTILE) if is_unsafe(c)]
    assert show("Müller–Lüdenscheidt, β = 3\u00a0% 😀") == "Müller–Lüdenscheidt, β = 3\u00a0% 😀"


def test_a_reader_sees_a_sign_and_who_looks_for_a_fault_what_it_is():
    assert clean("a\n\tb\x1b[31m") == "a  b\ufffd[31m"
    assert one_line("a\n\tb\x1b[31m") == r"a\n\tb\x1b[31m"


def test_a_long_line_is_cut():
    assert one_line("x" * 200) == "x" * 200
    assert one_line("x" * 201) == "x" * 199 + "…"
    assert one_line("\n" * 9, 4) == "\\n\\…"
