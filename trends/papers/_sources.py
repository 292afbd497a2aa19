"""Which files are meant: paths, patterns and folders as a list of files, some passed over with a reason."""

import glob
import os
import stat
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import NamedTuple

from trends.core.errors import InputError

_OTHER = frozenset(
    """
    md rst py ipynb r jl js ts sh c h cpp java png jpg jpeg gif svg webp bmp ico pdf ps doc docx ppt
    pptx odt ods css tar tgz 7z rar exe dll so o pyc log lock toml yaml yml
    ini cfg bak tmp swp mp3 mp4 wav avi mov npy npz pt pth safetensors pkl pickle h5 db sqlite
    """.split()
)
_NOTICES = (
    "license",
    "licence",
    "copying",
    "notice",
    "readme",
    "changelog",
    "authors",
    "makefile",
    "dockerfile",
)


class Found(NamedTuple):
    """A file to read, or one passed over and why."""

    path: Path
    passed_over: str


def files(sources: Iterable[str | Path]) -> list[Found]:
    """Return every file meant by paths, patterns ("pages/*.txt") and folders, each once.

    Raises
    ------
    InputError
        A path does not exist, a pattern matches nothing, or a folder holds no file.
    """
    found: dict[str, Found] = {}
    for source in sources:
        for file in _expanded(source):
            # A file named outright is read even where its folder would pass it over.
            key = os.path.realpath(file.path)
            if key not in found or not file.passed_over:
                found[key] = file
    return [found[key] for key in sorted(found)]


def _expanded(source: str | Path) -> list[Found]:
    text = os.fspath(source)
    if not text.strip():
        raise InputError(
            "An empty text is not a path; name a file, a folder or a pattern such as pages/*.txt."
        )
    if text.lower().startswith(("http://", "https://", "ftp://")):
        raise InputError(f"{text} is an address, and load reads files; save it as a file first.")
    try:
        path = Path(text).expanduser()
        if path.is_dir():
            return _in_folder(path)
        if path.is_file():
            return [Found(path, "")]
        exists = path.exists()
        matches = sorted(_matches(str(path))) if glob.has_magic(text) and not exists else []
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(f"{text!r} cannot be looked up as a path: {error}.") from error
    if exists:
        raise InputError(f"{text} is neither a file nor a folder; name one of these.")
    if not matches:
        if glob.has_magic(text):
            raise InputError(f"No file matches {text}; check the folder and the pattern.")
        raise InputError(f"{text} does not exist; check the spelling and the folder you are in.")
    listed = []
    for match in map(Path, matches):
        listed += _in_folder(match) if match.is_dir() else [Found(match, _why_not(match))]
    return listed


def _matches(pattern: str) -> list[str]:
    return glob.glob(pattern, recursive=True)  # noqa: PTH207 Path.glob refuses absolute patterns


def _in_folder(folder: Path) -> list[Found]:
    listed = []
    for at, folders, names in os.walk(folder):
        for hidden in [name for name in folders if name.startswith(".") or name == "__pycache__"]:
            folders.remove(hidden)
            listed.append(Found(Path(at) / hidden, "a hidden folder"))
        listed += [Found(Path(at) / name, _why_not(Path(at) / name)) for name in names]
    if not listed:
        raise InputError(f"The folder {folder} holds no files; name the folder that holds the papers.")
    return listed


def passed_over(path: PurePath) -> str:
    """Return why a file that nobody named is not read, going by its name, or ""."""
    if path.name.startswith("."):
        return "a hidden file"
    name = path.name.lower()
    for packed in (".gz", ".bz2", ".xz"):
        name = name.removesuffix(packed)
    ending = name.rpartition(".")[2] if "." in name else ""
    if ending in _OTHER or path.stem.lower() in _NOTICES:
        return "not a file of papers by its name; name it outright to have it read"
    return ""


def _why_not(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return "not an ordinary file"
    except OSError:
        return "it cannot be opened"
    return passed_over(path)
