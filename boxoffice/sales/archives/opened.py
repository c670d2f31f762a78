"""The files of an archive that is verified, each read in a stream; whatever cannot be read is named."""

import base64
import binascii
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.system_errors import is_of_the_disk

from ..books.signing import fingerprint, read_public_key
from .contents import PARTS
from .leaflet import ABOUT, FORMAT, JOURNAL, MANIFEST, PUBLIC_KEY, SIGNATURE
from .rows import csv_line

_AT_ONCE = 1 << 20
_UNLISTED = {MANIFEST, SIGNATURE}
_FOLDER, _JSON, _CSV = "donnees/", ".json", ".csv"

Progress = Callable[[int, int], None]
"""Told how many bytes of how many have been read."""


class AlteredArchive(Refusal):
    """Something of the archive is not as it was signed: `fault` is which file, and what about it."""

    def __init__(self, message: str, remedy: str, fault: str) -> None:
        super().__init__(message, remedy)
        self.fault = fault


def altered(name: str, why: str) -> AlteredArchive:
    """What is said of a file that is not as it should be."""
    fault = _("{file} : {why}").format(file=name, why=why)
    return AlteredArchive(
        _("Cette archive a été changée. {fault}.").format(fault=fault),
        _("N'en tirez rien : prenez-en une autre copie."),
        fault,
    )


def contradicted(name: str, why: str) -> AlteredArchive:
    """What is said of a file that is as it was signed, and not as another file tells."""
    fault = _("{file} : {why}").format(file=name, why=why)
    return AlteredArchive(
        _("Cette archive se contredit. {fault}.").format(fault=fault),
        _(
            "N'en tirez rien : elle a été refaite, ou la base avait été changée avant elle. "
            "Là où elle fut faite : « boxoffice journal verify »."
        ),
        fault,
    )


def _of_another_format(format_of_it: object, version: object) -> Refusal:
    """What is said of an archive that is as it was signed, and whose rows are laid out otherwise."""
    return Refusal(
        _(
            "Aucun fichier de cette archive n'a changé depuis sa signature, mais elle est du format {its} :"
            " cette version ne tient au journal que le format {mine}."
        ).format(its=format_of_it, mine=FORMAT),
        _(
            "Vérifiez-la avec la version {version}, qui l'a faite, ou une autre du même format ; ou sans le"
            " logiciel, selon son LISEZMOI.txt."
        ).format(version=version),
    )


def file_of(name: str) -> str:
    """The file that holds the rows called so."""
    return f"{_FOLDER}{name}{_JSON}"


class OpenedArchive:
    """An archive whose bytes are checked against the list that was signed, then read."""

    def __init__(self, packed: zipfile.ZipFile, progress: Progress) -> None:
        self._zip = packed
        self.manifest = ""
        self.hashes = self._signed_list()
        self._read: set[str] = set()
        self._progress, self._done, self._total = progress, 0, self._bytes_to_read()

    def compare(self) -> None:
        """Raise AlteredArchive at a file that is not as listed, lacking, or too many."""
        there = [info.filename for info in self._zip.infolist()]
        listed = {*self.hashes, *_UNLISTED}
        for name in sorted(listed - set(there)):
            raise altered(name, _("il manque"))
        for name in sorted(set(there) - listed):
            raise altered(name, _("il est de trop"))
        if len(there) != len(set(there)):
            raise altered(MANIFEST, _("un fichier est là deux fois"))
        for name, expected in self.hashes.items():
            digest = hashlib.sha256()
            for chunk in self._chunks(name):
                digest.update(chunk)
                self._advance(len(chunk))
            if digest.hexdigest() != expected:
                raise altered(name, _("son empreinte n'est pas celle qui a été signée"))

    def about(self, trusted: frozenset[str]) -> Mapping[str, Any]:
        """What the archive says of itself, once its key is known to be the one that it names."""
        about: dict[str, Any] = json.loads(self._content(ABOUT))
        if about["boxoffice_archive"] != FORMAT:
            raise _of_another_format(about["boxoffice_archive"], about.get("version", "?"))
        key = fingerprint(read_public_key(self._content(PUBLIC_KEY).decode()))
        if key != about["key"]:
            raise altered(PUBLIC_KEY, _("cette clé n'est pas celle qu'on attend"))
        if trusted and key not in trusted:
            raise AlteredArchive(
                _("Cette archive est signée par une autre clé que la vôtre : {key}.").format(key=key),
                _("N'en tirez rien tant que vous ne savez pas de qui est cette clé."),
                _("{file} : la clé est {key}").format(file=PUBLIC_KEY, key=key),
            )
        self._counts: Mapping[str, int] = about["rows"]
        return about

    def objects(self, name: str) -> Iterator[dict[str, Any]]:
        """Rows, one at a time, as the JSON has them."""
        if file_of(name) not in self.hashes:
            raise altered(file_of(name), _("il manque"))
        with self._zip.open(file_of(name)) as file:
            for line in io.TextIOWrapper(file, "utf-8"):
                text = line.strip().rstrip(",")
                if text not in ("[", "]", ""):
                    yield json.loads(text)

    def rows(self, name: str) -> Iterator[dict[str, Any]]:
        """Rows, one at a time. Once all are read, the CSV is known to hold the same, and as many as told."""
        is_first = name not in self._read
        self._read.add(name)
        count, copied = 0, hashlib.sha256()
        for row in self.objects(name):
            if not count:
                copied.update(csv_line(row).encode())
            count += 1
            line = csv_line(row.values()).encode()
            copied.update(line)
            if is_first:
                self._advance(len(line))
            yield row
        copy = f"{_FOLDER}{name}{_CSV}"
        lines = b"".join(self._chunks(copy)).count(b"\n") if not count else 0
        if lines > 1 or (count and copied.hexdigest() != self.hashes.get(copy)):
            raise contradicted(copy, _("il ne dit pas la même chose que le JSON"))
        if count != self._counts[name]:
            raise contradicted(file_of(name), _("il n'a pas le nombre de lignes annoncé"))

    def read_the_rest(self) -> None:
        """Read the files that nobody has read, and raise AlteredArchive where one has no other half."""
        data = {name for name in self.hashes if name.startswith(_FOLDER)}
        names = {name[len(_FOLDER) :].removesuffix(_JSON).removesuffix(_CSV) for name in data}
        for name in sorted(names | {part.name for part in PARTS} | {JOURNAL}):
            for suffix in (_JSON, _CSV):
                if f"{_FOLDER}{name}{suffix}" not in data:
                    raise altered(f"{_FOLDER}{name}{suffix}", _("il manque"))
            if name not in self._read:
                for _row in self.rows(name):
                    pass

    def _signed_list(self) -> Mapping[str, str]:
        """The hash of each file by its name, as the key of the archive has signed them."""
        try:
            signature, manifest = self._content(SIGNATURE), self._content(MANIFEST)
            verifier = read_public_key(self._content(PUBLIC_KEY).decode("ascii"))
        except (ValueError, UnicodeDecodeError) as error:
            raise altered(PUBLIC_KEY, _("ce n'est pas une clé")) from error
        signed, listed = base64.b64encode(signature).decode(), hashlib.sha256(manifest)
        if not verifier.accepts(listed.digest(), signed):
            raise altered(MANIFEST, _("ce n'est pas la liste qui a été signée"))
        self.manifest = listed.hexdigest()
        hashes = {}
        for line in manifest.decode().splitlines():
            digest, _space, name = line.partition("  ")
            hashes[name] = digest
        return hashes

    def _bytes_to_read(self) -> int:
        """Every byte, to be hashed; then those of the rows, once more, to be held against each other."""
        sizes = {info.filename: info.file_size for info in self._zip.infolist()}
        return sum(sizes.values()) + sum(size for name, size in sizes.items() if name.endswith(_CSV))

    def _advance(self, bytes_read: int) -> None:
        before = self._done // _AT_ONCE
        self._done += bytes_read
        if self._done // _AT_ONCE > before:
            self._progress(self._done, self._total)

    def _content(self, name: str) -> bytes:
        return b"".join(self._chunks(name))

    def _chunks(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as file:
                while chunk := file.read(_AT_ONCE):
                    yield chunk
        except KeyError as error:
            raise altered(name, _("il manque")) from error
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            ValueError,
            NotImplementedError,
            RuntimeError,
            OSError,
            binascii.Error,
        ) as error:
            if isinstance(error, OSError) and is_of_the_disk(error):
                raise
            raise altered(name, _("il ne se lit plus")) from error
