"""What the worker tells the service manager that started it; nothing where none asked.

sd_notify(3): one datagram to the socket that NOTIFY_SOCKET names.
"""

import contextlib
import os
import socket


def tell(*said: str) -> None:
    """Send assignments such as `READY=1`; a service manager that does not listen is no fault of ours.

    Args:
        said: lines of sd_notify(3).
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.setblocking(False)
        to.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        to.send("\n".join(said).encode())
