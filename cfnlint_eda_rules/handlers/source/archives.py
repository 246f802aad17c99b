"""Archives that code is packed in, opened in memory: names are compared with what is sought, never
written anywhere, and no more is unpacked than a file may hold.

https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

# ruff: noqa: PTH123

from __future__ import annotations

import posixpath
import struct
import zlib
from collections.abc import Mapping
from typing import BinaryIO

from cfnlint_eda_rules.records import dataclass

MOST_MEMBERS = 20_000
LARGEST_DIRECTORY = 2 << 20
DEEPEST_MEMBER = 30

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT = 0xFFFF
_ENCRYPTED = 1
_STORED, _DEFLATED = 0, 8


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: where its local header is, how it is packed."""

    offset: int
    packed: int
    method: int


@dataclass(frozen=True, slots=True)
class Archive:
    """The files of the archive at `path` by their names in it, and the names in each folder."""

    path: str
    members: Mapping[str, Member]
    folders: Mapping[str, tuple[str, ...]]

    def read(self, name: str, most: int) -> bytes | None:
        """The content of a file of at most `most` bytes; None when it is larger or broken."""
        member = self.members.get(name)
        if member is None or member.packed > most:
            return None
        try:
            with open(self.path, "rb") as file:
                content = _unpacked(file, member, most)
        except (OSError, ValueError, struct.error, zlib.error):
            return None
        return content if len(content) <= most else None


def opened(path: str) -> Archive | None:
    """The archive at the real path `path`; None when it is none, or has more in it than may be
    looked at.
    """
    try:
        with open(path, "rb") as file:
            members = _members(_directory(file))
    except (OSError, ValueError, struct.error):
        return None
    return Archive(path, members, _folders(members))


def _directory(file: BinaryIO) -> bytes:
    """The central directory, which the end of an archive says the place of."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _LONGEST_COMMENT - _END.size))
    tail = file.read()
    _, *_, length, start, _ = _END.unpack_from(tail, tail.rindex(b"PK\5\6"))
    if length > LARGEST_DIRECTORY or start > size:
        raise ValueError("not an archive that is looked at")
    file.seek(start)
    return file.read(length)


def _members(directory: bytes) -> dict[str, Member]:
    members: dict[str, Member] = {}
    place = 0
    while place + _CENTRAL.size <= len(directory) and len(members) < MOST_MEMBERS:
        found = _CENTRAL.unpack_from(directory, place)
        signature, flags, method, packed = found[0], found[3], found[4], found[8]
        if signature != b"PK\1\2":
            break
        name_end = place + _CENTRAL.size + found[10]
        name = _plain(directory[place + _CENTRAL.size : name_end])
        if name and not flags & _ENCRYPTED and method in (_STORED, _DEFLATED):
            members[name] = Member(found[16], packed, method)
        place = name_end + found[11] + found[12]
    return members


def _plain(raw: bytes) -> str:
    """A member's name, "" for a folder's and for one that would lead out of the archive."""
    name = raw.decode("utf-8", "replace")
    parts = name.split("/")
    outside = name.startswith("/") or ".." in parts or "\\" in name or "\0" in name
    unusual = outside or name.endswith("/") or len(parts) > DEEPEST_MEMBER
    return "" if unusual else posixpath.normpath(name)


def _folders(members: Mapping[str, Member]) -> dict[str, tuple[str, ...]]:
    names: dict[str, set[str]] = {"": set()}
    for member in members:
        path = member
        while path:
            folder, _, name = path.rpartition("/")
            known = name in names.setdefault(folder, set())
            names[folder].add(name)
            path = "" if known else folder
    return {folder: tuple(sorted(inside)) for folder, inside in names.items()}


def _unpacked(file: BinaryIO, member: Member, most: int) -> bytes:
    file.seek(member.offset)
    header = _LOCAL.unpack(file.read(_LOCAL.size))
    if header[0] != b"PK\3\4":
        raise ValueError("no member of an archive")
    file.seek(header[9] + header[10], 1)
    packed = file.read(member.packed)
    if member.method == _STORED:
        return packed
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, most + 1)
