"""The one root of every error that a user should read; anything else is a bug and rises.

ReadableError             one sentence that names the file, line, field or setting to mend
├── CatalogueError        a catalogue or an event file that cannot be used
├── FolderInUseError           another process holds the data folder
└── (bot) SettingsError, ModelError, LogError
"""


class ReadableError(Exception):
    """One clear sentence for the person at the keyboard, naming the file, line, field or setting to mend."""


class CatalogueError(ReadableError):
    """A file of rows that cannot be used at all (single bad rows are reported and left out instead)."""


class FolderInUseError(ReadableError):
    """Another process holds the exclusive lock on the data folder."""
