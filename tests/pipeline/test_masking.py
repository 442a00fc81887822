"""No secret gets through, however it is cut or written."""

from __future__ import annotations

import base64
import itertools
import textwrap
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_lib.pipeline.masking import MASK, Masker

SECRET = "planted-s3cret+/value"
# Letters that a surrounding text does not have: what is left of a secret can then be told from what was around it.
secrets = st.text(alphabet="αβγδε+/%", min_size=3, max_size=20)
words = st.text(alphabet="abc \n", max_size=12)


def streamed(masker: Masker, text: str, cuts: list[int]) -> str:
    passed: list[str] = []
    stream = masker.stream(passed.append)
    places = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    for start, end in itertools.pairwise(places):
        stream.write(text[start:end])
    stream.close()
    return "".join(passed)


@given(secret=secrets, before=words, after=words, cuts=st.lists(st.integers(0, 60), max_size=8))
def test_a_secret_cut_anywhere_is_masked_and_nothing_else(
    secret: str, before: str, after: str, cuts: list[int]
) -> None:
    text = f"{before}{secret}{after}"

    passed = streamed(Masker([secret]), text, cuts)

    assert secret not in passed
    assert passed == f"{before}{MASK}{after}"


@given(texts=st.lists(secrets, min_size=1, max_size=4), cuts=st.lists(st.integers(0, 90), max_size=8))
def test_a_stream_says_what_the_whole_text_would(texts: list[str], cuts: list[int]) -> None:
    masker = Masker(texts)
    text = "".join(f"{MASK}{value}x" for value in texts)

    passed = streamed(masker, text, cuts)

    assert not any(value in passed for value in texts)
    assert passed.replace(MASK, "") == masker.mask(text).replace(MASK, "")


@given(
    before=st.binary(max_size=7), after=st.binary(max_size=7), cuts=st.lists(st.integers(0, 60), max_size=6)
)
def test_base64_is_masked_at_every_alignment(before: bytes, after: bytes, cuts: list[int]) -> None:
    encoded = base64.b64encode(before + SECRET.encode() + after).decode()

    passed = streamed(Masker([SECRET]), encoded, cuts)

    assert MASK in passed
    for start in range(0, len(encoded), 4):
        if start + 12 <= len(encoded) and encoded[start : start + 12] in passed:
            assert SECRET.encode()[:9] not in base64.b64decode(encoded[start : start + 12])


@pytest.mark.parametrize(
    "shown",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        base64.b64encode(SECRET.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
    ],
)
def test_encoded_secrets_are_masked(shown: str) -> None:
    masked = Masker([SECRET]).mask(f"<{shown}>")

    # Base64's last characters hold less than one character of the secret.
    assert masked.startswith(f"<{MASK}")
    assert len(masked) <= len(f"<{MASK}>") + 2


def test_base64_broken_into_lines_is_masked() -> None:
    secret = "0123456789" * 12 + "end-of-it"
    wrapped = "\n".join(textwrap.wrap(base64.b64encode(secret.encode()).decode(), 76))

    assert streamed(Masker([secret]), wrapped + "\n", list(range(0, 200, 7))).strip().startswith(MASK)


@pytest.mark.parametrize("shown", ["it'\"'\"'s mine", r"it'\''s mine", "it's mine"])
def test_a_quote_that_the_shell_rewrote_is_masked(shown: str) -> None:
    assert Masker(["it's mine"]).mask(f"+ echo '{shown}'") == f"+ echo '{MASK}'"


def test_lines_of_a_secret_file_are_masked_one_by_one() -> None:
    masked = Masker(["-----BEGIN-----\nline-of-the-key\nab\n"]).mask("x line-of-the-key y ab")

    assert masked == f"x {MASK} y ab"


def test_json_and_xml_spellings_are_masked() -> None:
    masker = Masker(['a"b\\c<d&e'])

    assert masker.mask(r'{"v": "a\"b\\c<d&e"}') == f'{{"v": "{MASK}"}}'
    assert masker.mask('<v>a"b\\c&lt;d&amp;e</v>') == f"<v>{MASK}</v>"


def test_overlapping_secrets_leave_no_rest() -> None:
    assert Masker(["abcde", "cdefg"]).mask("-abcdefg-") == f"-{MASK}-"


def test_a_longer_secret_that_begins_like_a_shorter_one_is_waited_for() -> None:
    assert streamed(Masker(["token", "token-long"]), "token-long!", [5]) == f"{MASK}!"


def test_an_empty_secret_masks_nothing() -> None:
    assert Masker(["", "  "]).mask("a  b") == "a  b"


def test_what_is_no_secret_is_passed_on_at_once() -> None:
    passed: list[str] = []

    Masker([SECRET]).stream(passed.append).write("no newline yet")

    assert passed == ["no newline yet"]


@pytest.mark.parametrize(
    "shown",
    [
        r"""printf 'k"e$y'\''s'""",
        r"""printf k\"e\$y\'s""",
        r"""declare -x KEY="k\"e\$y's\"""",
        r"""'k"e$y\'s'""",
        r"""{"key": "k\"e$y's"}""",
        r"""{"log": "{\"key\": \"k\\\"e$y's\"}"}""",
        "name='k&quot;e$y&#x27;s'",
        "name='k&quot;e$y&#39;s'",
        r"<failure>assert 'k&quot;e$y\&#x27;s' == ''</failure>",
        "?token=k%22e%24y%27s",
        "?token=k%22e%24y's",
        "6b:22:65:24:79:27:73",
        base64.b64encode(base64.b64encode(b"k\"e$y's")).decode(),
    ],
)
def test_a_secret_in_quotes_is_masked_and_so_is_one_in_quotes_within_quotes(shown: str) -> None:
    masked = Masker(["k\"e$y's"]).mask(shown)

    assert MASK in masked
    assert "e$y" not in masked
    assert "%24" not in masked
    assert len(masked) < len(shown) + len(MASK)
