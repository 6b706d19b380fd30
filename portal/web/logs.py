"""Log lines as JSON without anything that may be secret: requests, local variables, texts of exceptions."""

import json
import logging
import traceback
from datetime import UTC, datetime


class Lines(logging.Formatter):
    """Formats each log record as one line of JSON.

    Of an exception, the line has the type and the places in the code. The text of the exception is left out,
    because it may quote what somebody typed ("invalid literal: …"), and so are the request and its body.
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
