"""Papers: files in, one checked table out, with an account of every entry that was in the files.

`load` reads files, folders and tables into the table contract `core.tables.PAPERS`, `fetch` gets them from
services first, `complete` fills gaps from a reference, `health` says what is missing or was merged, `sample`
gives the embedded papers and `save` writes a table that `load` reads back.
A file is recognised by its content. Each source format is one private module that turns a file's
content into raw records; cleaning, dates, identity and tags are common to all of them.
"""

from trends.papers._complete import complete
from trends.papers._fetch import fetch
from trends.papers._health import Health, health, health_of
from trends.papers._join import Joined, join
from trends.papers._load import load, sample
from trends.papers._save import read_saved, save
from trends.papers._tally import Tally, added, tallied

__all__ = [
    "Health",
    "Joined",
    "Tally",
    "added",
    "complete",
    "fetch",
    "health",
    "health_of",
    "join",
    "load",
    "read_saved",
    "sample",
    "save",
    "tallied",
]
