"""Log lines as JSON that can hold no secret: no request, no local variables, no words of an exception."""

import json
import logging
import traceback
from datetime import UTC, datetime


class Lines(logging.Formatter):
    """One JSON object a line.

    An exception is told by its type and the places it went through. Its text is left out, because a text may
    quote what somebody typed ("invalid literal: …"), and so are the request and its body.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage()[:1000],
        }
        status = getattr(record, "status_code", None)
        if isinstance(status, int):
            line["status"] = status
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__qualname__
            frames = traceback.extract_tb(record.exc_info[2])
            line["at_code"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
        return json.dumps(line, ensure_ascii=False)
