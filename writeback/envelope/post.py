"""The layout of the post box: the names of its keys, and the form of a job in a queue."""

import base64
import json


def queue_key(worker: str) -> str:
    """Return the key of the list in which a worker finds its jobs."""
    return f"writeback.{worker}"


def heartbeat_key(site: str, worker: str) -> str:
    """Return the key under which a worker sets its heartbeat."""
    return f"hb:{site}:{worker}"


def reply_key(jti: bytes) -> str:
    """Return the key of the list in which the portal finds the answer to one job."""
    return f"reply:{jti.hex()}"


def queue_element(sealed: bytes) -> bytes:
    """Return a sealed job as an element of a queue; readers use nothing but its `body`."""
    return json.dumps({"body": base64.b64encode(sealed).decode("ascii")}).encode("ascii")
