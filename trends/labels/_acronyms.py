"""What the short forms of a corpus stand for, read from its own definitions: "Sparse Autoencoders (SAEs)".

The matching of letters is that of Schwartz and Hearst (2003), "A simple algorithm for identifying
abbreviation definitions in biomedical text": from the right, each letter of the short form must occur in
the words before the bracket, its first letter at the start of a word. Over the corpus, the majority wins.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

_BRACKETED = re.compile(r"\(([^()]{2,80})\)")
_ENDS = re.compile(r"[()\[\].;:!?]")
_BEFORE = 160
_SHORT = re.compile(r"[^\W_][\w-]{1,9}")
_WORDS = re.compile(r"[^\W_]\w*(?:[-'’]\w+)*")

MAJORITY = 2 / 3
"""The share of its definitions that a long form needs to be what the short form stands for."""

IMPLIED = 0.1
"""The share of its papers that must spell out a short form that nobody defines in brackets."""

RARELY = 1000
"""A short form that nobody defines and fewer than one paper in so many use is left as it is."""

LOOKED_AT = 20
"""How many papers are read for the meaning of a short form that nobody defines."""

USED_PER_DEFINITION = 50
"""A definition vouches for at most so many papers, lest one paper's method rename a common word."""


def base(token: str) -> str:
    """Return a short form without its plural s: "SAEs" -> "SAE"."""
    return token[:-1] if len(token) > 2 and token.endswith("s") and token[-2].isupper() else token


def is_short(token: str) -> bool:
    """Say whether a token may be an acronym: 2 to 10 characters, two capitals or a capital and a digit."""
    if token.islower() or not 2 <= len(token) <= 11 or (token.isalpha() and token[1:].islower()):
        return False
    stem = base(token)
    marks = sum(letter.isupper() for letter in stem) + any(letter.isdigit() for letter in stem)
    return bool(_SHORT.fullmatch(stem)) and any(letter.isupper() for letter in stem) and marks >= 2


def long_form(short: str, before: str) -> list[str]:
    """Return the last words of `before` that spell the short form, or none.

    Parameters
    ----------
    short
        The short form without plural s.
    before
        The text in front of the bracket.
    """
    letters = [letter for letter in short.lower() if letter.isalnum()]
    window = list(_WORDS.finditer(before))[-min(len(letters) + 5, 2 * len(letters)) :]
    if not window:
        return []
    start = window[0].start()
    text = before[start:].lower()
    at = len(text)
    for k, letter in reversed(list(enumerate(letters))):
        at = text.rfind(letter, 0, at)
        while at > 0 and k == 0 and text[at - 1].isalnum():
            at = text.rfind(letter, 0, at)
        if at < 0:
            return []
    words = _WORDS.findall(before[start + at :])
    # Letters may skip words ("Group Relative Policy Optimization"), but never outnumber them by far.
    n_parts = sum(len(word.split("-")) for word in words)
    return words if 2 <= n_parts <= len(letters) + 2 and short.lower() not in map(str.lower, words) else []


def definitions(text: str) -> Iterable[tuple[str, tuple[str, ...]]]:
    """Yield the (short form, words of the long form) pairs that a text defines."""
    for found in _BRACKETED.finditer(text):
        inside = found.group(1).strip()
        before = _ENDS.split(text[max(0, found.start() - _BEFORE) : found.start()])[-1]
        if is_short(inside):
            words = long_form(base(inside), before)
            if words:
                yield base(inside), tuple(words)
            continue
        # The other order: "SAE (sparse autoencoder)".
        last = _WORDS.findall(before)[-1:]
        if last and is_short(last[0]):
            words = long_form(base(last[0]), inside)
            if words and len(words) == len(_WORDS.findall(inside)):
                yield base(last[0]), tuple(words)


def expansions(
    texts: Sequence[str],
    users: Mapping[str, Sequence[int]],
    fold: Callable[[Iterable[str]], tuple[str, ...]],
) -> dict[str, tuple[str, ...]]:
    """Return what each short form stands for in most of the texts that define it.

    Parameters
    ----------
    texts
        The documents.
    users
        For each short form, without plural s, the places of the texts that use it.
    fold
        Gives one spelling to the variants of a long form.

    Returns
    -------
    dict
        Short form without plural s -> folded words of the long form.
    """
    votes: dict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for text in texts:
        if "(" in text:
            for short, words in set(definitions(text)):
                votes[short][fold(words)] += 1
    chosen = {}
    for short in sorted(votes):
        words, n_votes = min(votes[short].items(), key=lambda item: (-item[1], item[0]))
        n_users = len(users.get(short, ()))
        if n_votes >= MAJORITY * votes[short].total() and n_users <= USED_PER_DEFINITION * n_votes:
            chosen[short] = words
    for short in sorted(users):
        n_users = len(users[short])
        if short not in votes and len(short) > 2 and n_users > 2 and n_users * RARELY >= len(texts):
            words = _implied(short, [texts[k] for k in users[short][:LOOKED_AT]], fold)
            if words:
                chosen[short] = words
    return chosen


def _implied(
    short: str, texts: Sequence[str], fold: Callable[[Iterable[str]], tuple[str, ...]]
) -> tuple[str, ...]:
    """Return the phrase that spells a short form in most of the texts that use it, if one does."""
    letters = short.lower()
    votes: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        spelled: set[tuple[str, ...]] = set()
        for clause in _ENDS.split(text):
            words = [part for word in _WORDS.findall(clause) for part in word.split("-") if part]
            for start, word in enumerate(words):
                if word[0].lower() == letters[0]:
                    lengths = (len(letters) - 1, len(letters))
                    runs = (words[start : start + length] for length in lengths)
                    spelled.update(fold(run) for run in runs if _spells(letters, run))
        votes.update(spelled)
    if not votes:
        return ()
    best, n_votes = min(votes.items(), key=lambda item: (-item[1], -len(item[0]), item[0]))
    return best if n_votes > 1 and n_votes >= IMPLIED * len(texts) else ()


def _spells(letters: str, words: Sequence[str]) -> bool:
    """Say whether each word gives its initial, and at most one word a second letter, to a short form."""
    initials = "".join(word[0] for word in words).lower()
    if initials == letters:
        return True
    if len(initials) + 1 != len(letters):
        return False
    for k, word in enumerate(words):
        more = letters[k + 1]
        if initials[: k + 1] + more + initials[k + 1 :] == letters and more in word[3:].lower():
            return True
    return False
