"""Reading a list of themes to follow: YAML of `themes`, each with a name, phrases and example papers.

The file is composed and never constructed: every scalar stays the text that was typed, so that the arXiv id
2411.02120 keeps its last zero and the phrase NO is no False, and nothing of YAML's types can run.
"""

import importlib.resources
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trends.core.errors import InputError
from trends.core.escape import clean_text
from trends.topics._watch_words import words

FIELDS = ("name", "phrases", "papers", "not")
LARGEST = 100_000
"""Bytes; a list that a person keeps has a few thousand."""

DEEPEST = 3
"""A file holds themes, a theme lists, and a list text."""

EXAMPLE = "themes: [{name: Mixture of experts, phrases: [mixture of experts, MoE]}]"


@dataclass(frozen=True)
class Theme:
    """One theme as its follower wrote it; `excluded` are the phrases under "not"."""

    name: str
    phrases: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return the theme as the list writes it, empty parts left out."""
        parts = {name.replace("excluded", "not"): value for name, value in asdict(self).items() if value}
        return {name: value if isinstance(value, str) else list(value) for name, value in parts.items()}


def read_themes(given: Any) -> tuple[Theme, ...]:
    """Return the themes of a YAML file, of a list of mappings, or of a mapping with `themes`.

    Raises
    ------
    InputError
        The file cannot be read, or a theme is not usable; the message names the file and the theme.
    """
    if isinstance(given, str | Path):
        path = Path(given).expanduser()
        source, content = path.name or str(given), _loaded(path)
    else:
        source, content = "watch", given
    if isinstance(content, Mapping):
        unknown = sorted(str(key) for key in content if key != "themes")
        if "themes" not in content or unknown:
            found = f"the key {_shown(unknown[0])}" if unknown else "no key themes"
            raise InputError(f"{source} has {found}; it must hold one list under themes, as in {EXAMPLE}.")
        content = content["themes"]
    if not isinstance(content, Sequence) or isinstance(content, str | bytes):
        raise InputError(f"{source} must hold a list of themes, not {_kind(content)}, as in {EXAMPLE}.")
    themes: list[Theme] = []
    taken: dict[str, int] = {}
    for number, entry in enumerate(content, start=1):
        theme = _theme(entry, f"{source}, theme {number}")
        before = taken.setdefault(theme.name.casefold(), number)
        if before != number:
            raise InputError(
                f"{source}, theme {number}: the name {_shown(theme.name)} is that of theme {before} already; "
                "give each theme a name of its own."
            )
        themes.append(theme)
    return tuple(themes)


def shipped_themes() -> tuple[Theme, ...]:
    """Return the themes that are followed in the embedded sample."""
    with importlib.resources.as_file(importlib.resources.files("trends.data") / "watch.yml") as path:
        return read_themes(path)


def _theme(entry: Any, where: str) -> Theme:
    if not isinstance(entry, Mapping):
        raise InputError(f"{where} is {_kind(entry)}; write it with a name and phrases, as in {EXAMPLE}.")
    for key in entry:
        if key not in FIELDS:
            raise InputError(f"{where} has the key {_shown(key)}; a theme has {', '.join(FIELDS)} only.")
    name = entry.get("name", "")
    if not isinstance(name, str) or not words(name):
        raise InputError(f"{where} has no name; add one of letters or digits, such as name: Token pruning.")
    parts = {field: _texts(entry.get(field), field, where) for field in FIELDS[1:]}
    for field in ("phrases", "not"):
        for phrase in parts[field]:
            if not words(phrase):
                raise InputError(
                    f"{where}: the phrase {_shown(phrase)} under {field} has no letter or digit; remove it."
                )
    if not parts["phrases"] and not parts["papers"]:
        raise InputError(f"{where} has neither phrases nor papers; give at least one of them to find it by.")
    return Theme(clean_text(name), parts["phrases"], parts["papers"], parts["not"])


def _texts(value: Any, field: str, where: str) -> tuple[str, ...]:
    """Return a text or a list of texts as a tuple without repeats, in the given order."""
    if value is None or value == "":
        return ()
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple):
        raise InputError(f"{where}: {field} must be a list of texts, not {_kind(value)}.")
    for item in listed:
        if not isinstance(item, str):
            raise InputError(
                f"{where}: {field} must hold texts only, not {_kind(item)}; put each in quotation marks."
            )
    return tuple(dict.fromkeys(text for item in listed if (text := clean_text(item))))


def _loaded(path: Path) -> Any:
    import yaml

    name = path.name or str(path)
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable path"
        raise InputError(f"The watch list {name} cannot be read ({reason}); check its path.") from error
    if len(raw) > LARGEST:
        raise InputError(f"{name} has {len(raw):,} bytes, too many for a list of themes; name another file.")
    try:
        text = raw.decode("utf-8-sig")
        # A few aliases of aliases stand for millions of texts.
        aliased = any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, Loader=yaml.SafeLoader))
        node = None if aliased else yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text; save the watch list as UTF-8.") from error
    except RecursionError as error:
        raise InputError(f"{name} is nested too deeply; write it as in {EXAMPLE}.") from error
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark is not None else ""
        problem = clean_text(str(getattr(error, "problem", None) or "characters that YAML does not allow"))
        raise InputError(
            f"{name} cannot be read as YAML{line} ({problem[:100]}); write it as in {EXAMPLE}."
        ) from error
    if aliased:
        raise InputError(f"{name} repeats a part by an alias (*name); write the part out.")
    if node is None:
        raise InputError(f"{name} is empty; write themes into it, as in {EXAMPLE}.")
    return _value(node, name, 0)


def _value(node: Any, name: str, depth: int) -> Any:
    """Return a node as text, lists and mappings; a key given twice or a nest is refused."""
    import yaml

    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        # Only what YAML itself calls empty is empty: "null" in quotation marks is a word.
        return "" if node.tag == "tag:yaml.org,2002:null" else node.value
    if depth > DEEPEST:
        raise InputError(f"{name}, line {line}: this is nested too deeply; write it as in {EXAMPLE}.")
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, name, depth + 1) for item in node.value]
    pairs: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = _value(key_node, name, DEEPEST + 1)
        if key in pairs:
            raise InputError(f"{name}, line {line}: the key {_shown(key)} stands here twice; join the two.")
        pairs[key] = _value(value_node, name, depth + 1)
    return pairs


def _kind(value: Any) -> str:
    """Name the kind of a value in a reader's words."""
    kinds = {dict: "a mapping", list: "a list", str: "a text", int: "a number", float: "a number"}
    return "nothing" if value is None else kinds.get(type(value), type(value).__name__)


def _shown(text: Any) -> str:
    return repr(clean_text(str(text))[:60])
