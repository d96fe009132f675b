"""The session's files: a folder, and the form in which callers send and see what is in it."""

import mimetypes
import os
import re
import shutil
import tempfile
from datetime import datetime, timezone

from executions import Refused

MAX_UPLOAD = int(os.environ.get("MAX_UPLOAD_BYTES", 128 * 1024 * 1024))
BLOCK = 64 * 1024
# Letters, digits and the documented rest; \w has letters of all scripts.
NAME = re.compile(r"[\w\-. @$&=;,#%^()]{1,255}")
FOLDER = re.compile(r"[\w\- @$&=;,#%^()]{1,255}")


class Files:
    def __init__(self, root):
        self.root = os.path.realpath(root)
        os.makedirs(self.root, exist_ok=True)

    def folder(self, path):
        """The folder of that path; a leading slash and the root's own name mean the root."""
        path = path or ""
        if path == self.root or path.startswith(self.root + "/"):
            path = path[len(self.root) :]
        parts = [part for part in path.split("/") if part]
        for part in parts:
            if not FOLDER.fullmatch(part):
                raise Refused(400, "InvalidPath", f"'{path}' is not a path: dots and some signs are not allowed.", "path")
        return os.path.join(self.root, *parts)

    def place(self, name, path):
        if name.startswith(self.root + "/"):
            name = name[len(self.root) + 1 :]
        folder, _, name = name.rpartition("/")
        if not NAME.fullmatch(name) or name in (".", ".."):
            raise Refused(400, "InvalidFileName", f"'{name}' is not a file name.", "filename")
        return os.path.join(self.folder("/".join(one for one in (path, folder) if one)), name)

    def existing(self, name, path):
        place = self.place(name, path)
        if not os.path.isfile(place):
            raise Refused(404, "FileNotFound", f"There is no file '{name}'.")
        return place

    def list(self, path, recursive):
        folder = self.folder(path)
        if not os.path.isdir(folder):
            raise Refused(404, "FolderNotFound", f"There is no folder '{path}'.")
        found = []
        for entry in sorted(os.scandir(folder), key=lambda one: one.name):
            found.append(self.view(entry.path))
            if recursive and entry.is_dir(follow_symlinks=False):
                found += self.list(os.path.relpath(entry.path, self.root), True)
        return found

    def view(self, place):
        about = os.stat(place) if os.path.exists(place) else os.lstat(place)
        directory = os.path.isdir(place)
        folder = os.path.relpath(os.path.dirname(place), self.root)
        return {
            "name": os.path.basename(place),
            "type": "directory" if directory else "file",
            "contentType": None if directory else mimetypes.guess_type(place)[0] or "application/octet-stream",
            "sizeInBytes": 0 if directory else about.st_size,
            "lastModifiedAt": time_of(about.st_mtime),
            "directory": "" if folder == "." else folder,
        }

    def old_view(self, place):
        about = self.view(place)
        return {
            "$id": "2",
            "properties": {
                "$id": "3",
                "filename": about["name"],
                "size": about["sizeInBytes"],
                "lastModifiedTime": about["lastModifiedAt"],
            },
        }

    def store(self, form, path):
        """Keeps the file of a form, whole or not at all; gives its place."""
        place, temporary = None, None
        try:
            for filename, blocks in form:
                place = self.place(filename, path)
                os.makedirs(os.path.dirname(place), exist_ok=True)
                with tempfile.NamedTemporaryFile(dir=self.root, prefix=".upload-", delete=False) as file:
                    temporary, size = file.name, 0
                    for block in blocks:
                        size += len(block)
                        if size > MAX_UPLOAD:
                            raise Refused(413, "FileTooLarge", f"A file may have at most {MAX_UPLOAD} bytes.")
                        file.write(block)
                os.chmod(temporary, 0o644)
                os.replace(temporary, place)
                temporary = None
                break
        finally:
            if temporary:
                os.unlink(temporary)
        if place is None:
            raise Refused(400, "FileMissing", "The form has no field 'file' with a filename.", "file")
        return place

    def clear(self):
        for entry in os.scandir(self.root):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                os.unlink(entry.path)


def time_of(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Form:
    """The files of a multipart/form-data body, read while it comes (RFC 7578)."""

    def __init__(self, content_type, blocks):
        found = re.search(r'multipart/form-data\b.*?boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))', content_type or "", re.I)
        if not found:
            raise Refused(400, "FileMissing", "The body is not multipart/form-data.", "file")
        self.boundary = b"--" + (found.group(1) or found.group(2)).encode()
        self.blocks, self.buffer = iter(blocks), b"\r\n"

    def __iter__(self):
        for _ in self.until(b"\r\n" + self.boundary):
            pass
        while not self.peek(2).startswith(b"--"):
            head = b"".join(self.until(b"\r\n\r\n", 16 * 1024)).decode("utf-8", "replace")
            field = re.search(r'\bname="([^"]*)"', head)
            name = re.search(r'\bfilename="([^"]*)"', head)
            content = self.until(b"\r\n" + self.boundary)
            if field and field.group(1) == "file" and name:
                yield name.group(1).replace("%22", '"'), content
            for _ in content:
                pass

    def peek(self, count):
        while len(self.buffer) < count:
            self.buffer += self.more()
        return self.buffer[:count]

    def more(self):
        block = next(self.blocks, None)
        if not block:
            raise Refused(400, "FormCutOff", "The form ended before its last boundary.", "file")
        return block

    def until(self, mark, limit=None):
        """What comes before a mark, in pieces; the mark is passed over."""
        read = 0
        while True:
            place = self.buffer.find(mark)
            if place >= 0:
                piece, self.buffer = self.buffer[:place], self.buffer[place + len(mark) :]
                if piece:
                    yield piece
                return
            cut = max(0, len(self.buffer) - len(mark) + 1)
            piece, self.buffer = self.buffer[:cut], self.buffer[cut:]
            read += len(piece)
            if limit is not None and read > limit:
                raise Refused(400, "FormCutOff", "A part of the form has too long a head.", "file")
            if piece:
                yield piece
            self.buffer += self.more()
