"""Messages to the service manager that started the worker, if it asks for them.

sd_notify(3): one datagram to the socket that NOTIFY_SOCKET names.
"""

import contextlib
import os
import socket


def notify(*lines: str) -> None:
    """Send assignments such as `READY=1`; ignore a service manager that does not listen.

    Args:
        lines: lines of sd_notify(3).
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.setblocking(False)
        to.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        to.send("\n".join(lines).encode())
