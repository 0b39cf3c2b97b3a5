"""Reading forms with large files: werkzeug's parser, but for the bytes of files, which it copies six times over.

What surely belongs to a file goes into it as it arrived. Only where a boundary may begin or end, werkzeug decides.
"""

from collections.abc import Iterator
from typing import IO, Any

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser, MultiPartParser
from werkzeug.sansio.multipart import (
    NEED_DATA,
    SEARCH_EXTRA_LENGTH,
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
    NeedData,
    State,
)

from incident_service.foundation.problems import BadRequest
from incident_service.foundation.words import both

READ_BYTES = 128 * 1024


class FormParser(FormDataParser):
    """Reads a form. One that is cut off or is none is refused as such, not taken for one with nothing in it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.silent = False

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        """The rest of the body, the fields, the files. Raises BadRequest."""
        try:
            return super().parse(*args, **kwargs)
        except ValueError as error:
            raise BadRequest(both("表单无法解析：内容不完整或格式有误",
                                  "The form cannot be parsed: it is cut off or malformed")) from error

    def _parse_multipart(self, stream: IO[bytes], mimetype: str, content_length: int | None,
                         options: dict[str, str]) -> Any:
        boundary = options.get("boundary", "").encode("ascii")
        if not boundary:
            raise ValueError("Missing boundary")
        reader = MultipartReader(self.stream_factory, self.max_form_memory_size, self.cls,
                                 max_form_parts=self.max_form_parts)
        return stream, *reader.parse(stream, boundary, content_length)


class MultipartReader(MultiPartParser):
    """Reads a multipart body, each file straight into what `stream_factory` gives for it."""

    def parse(self, stream: IO[bytes], boundary: bytes, content_length: int | None
              ) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
        """The fields and the files. Raises ValueError for what is no such body; RequestEntityTooLarge."""
        fields: list[tuple[str, str]] = []
        files: list[tuple[str, FileStorage]] = []
        for event in self._events(stream, boundary):
            if isinstance(event, Field | File):
                part, text = event, bytearray()
                file = self.start_file_streaming(event, content_length) if isinstance(event, File) else None
            elif isinstance(event, Data):
                if file is None:
                    self._check(text := text + event.data)
                else:
                    file.write(event.data)
                if not event.more_data and isinstance(part, File) and file:
                    file.seek(0)
                    files.append((part.name, FileStorage(file, part.filename, part.name, headers=part.headers)))
                elif not event.more_data:
                    fields.append((part.name, text.decode(self.get_part_charset(part.headers), "replace")))
        return self.cls(fields), self.cls(files)

    def _check(self, text: bytearray) -> None:
        if self.max_form_memory_size is not None and len(text) > self.max_form_memory_size:
            raise RequestEntityTooLarge()

    def _events(self, stream: IO[bytes], boundary: bytes) -> Iterator[Event]:
        decoder = Decoder(boundary, self.max_form_memory_size, max_parts=self.max_form_parts)
        while True:
            received = stream.read(READ_BYTES)
            decoder.receive_data(received or None)
            while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
                yield event
            if not received:
                return


class Decoder(MultipartDecoder):
    """Werkzeug's, which lets pass what has no boundary in it, but for as much at its end as may be the beginning of
    one."""

    def __init__(self, boundary: bytes, *args: Any, **kwargs: Any) -> None:
        super().__init__(boundary, *args, **kwargs)
        self._mark = b"--" + boundary
        self._held_back = len(boundary) + SEARCH_EXTRA_LENGTH
        self._passing: list[Any] | None = None

    def receive_data(self, data: bytes | None) -> None:
        """Take what was received next; None when that was all."""
        if data is None or not self._passes(data):
            super().receive_data(data)
            return
        self._passing = [memoryview(data)[:-self._held_back], bytes(self.buffer)]
        self.buffer[:] = data[-self._held_back:]

    def next_event(self) -> Event:
        """What was found, one after the other; NEED_DATA when there is no more."""
        if self._passing is None:
            return super().next_event()
        if self._passing:
            return Data(data=self._passing.pop(), more_data=True)
        self._passing = None
        return NEED_DATA

    def _passes(self, data: bytes) -> bool:
        """Whether all of a part's content, with what was held back before, is surely no boundary."""
        return (self.state is State.DATA and len(data) > self._held_back and data.rfind(self._mark) < 0
                and self._mark not in self.buffer + data[:len(self._mark)])
