"""The layout of an archive's ZIP: its files follow each other from the first byte, told twice alike.

What unpacks a ZIP may go by its list or from file to file: both must come to the same plain files.
"""

import struct
import zipfile
from pathlib import Path
from typing import IO, NamedTuple

from boxoffice.language import _

_HEADER = struct.Struct("<4sHHHHHIIIHH")
_LARGE = struct.Struct("<HHQQ")
_LARGE_ID, _TOLD_THERE = 1, 0xFFFF_FFFF
"""A size that is told in the extra field of a file, which may then grow large."""
PLAIN_FILE = 0o600 << 16
"""The attributes of every file of an archive: one that its owner reads and writes, and no link."""


class Oddity(NamedTuple):
    """A file of an archive that is not laid out as this program does, and what about it."""

    name: str
    why: str


def first_oddity(path: Path, packed: zipfile.ZipFile) -> Oddity | None:
    """The first file that is no plain one, is not told alike, or has bytes before it that no file owns."""
    free_from = 0
    with path.open("rb") as file:
        for info in sorted(packed.infolist(), key=lambda info: info.header_offset):
            if info.header_offset != free_from:
                return Oddity(path.name, _hidden_before(info.filename))
            if info.external_attr != PLAIN_FILE or info.comment:
                return Oddity(info.filename, _("ses attributs ne sont pas ceux d'un simple fichier"))
            length = _header_length(file, info)
            if length is None:
                return Oddity(info.filename, _("le ZIP ne le dit pas comme sa liste"))
            free_from += length + info.compress_size
    if packed.start_dir != free_from:
        return Oddity(path.name, _hidden_before(_("la liste du ZIP")))
    return None


def _hidden_before(name: str) -> str:
    return _("des octets qui ne sont d'aucun fichier sont avant {name}").format(name=name)


def _header_length(file: IO[bytes], info: zipfile.ZipInfo) -> int | None:
    """How many bytes a file has before its content; None if they do not tell it as the list does."""
    file.seek(info.header_offset)
    _magic, _version, flags, method, _time, _day, crc, *sizes, of_name, of_extra = _HEADER.unpack(
        file.read(_HEADER.size)
    )
    name, extra = file.read(of_name), file.read(of_extra)
    told = info.compress_size, info.file_size
    if extra:
        is_large = extra == _LARGE.pack(_LARGE_ID, 16, info.file_size, info.compress_size)
        is_alike = is_large and tuple(sizes) in (told, (_TOLD_THERE, _TOLD_THERE))
    else:
        is_alike = tuple(sizes) == told
    as_listed = (info.flag_bits, info.compress_type, info.CRC, info.filename.encode())
    if not is_alike or (flags, method, crc, name) != as_listed or info.extra != _listed_extra(info):
        return None
    return _HEADER.size + len(name) + len(extra)


def _listed_extra(info: zipfile.ZipInfo) -> bytes:
    """What the list has to tell beside a file that is large, or begins far into the ZIP."""
    told = []
    if max(info.file_size, info.compress_size) > zipfile.ZIP64_LIMIT:
        told += [info.file_size, info.compress_size]
    if info.header_offset > zipfile.ZIP64_LIMIT:
        told.append(info.header_offset)
    return struct.pack(f"<HH{len(told)}Q", _LARGE_ID, 8 * len(told), *told) if told else b""
