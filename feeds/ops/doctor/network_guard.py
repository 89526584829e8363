"""Blocks the network for this process, for `flask doctor --offline`.

Both blocks are permanent, so this runs in a child process. Python's audit hooks reject and
record sockets of the socket module, and Linux kills the process at any socket but a Unix one,
whatever code opens it (https://docs.kernel.org/userspace-api/seccomp_filter.html).
"""

from __future__ import annotations

import ctypes
import faulthandler
import platform
import signal
import socket
import struct
import sys
from typing import TextIO

_EVENTS = ("socket.__new__", "socket.connect", "socket.getaddrinfo", "socket.gethostby")

# The kernel's numbers: linux/audit.h, linux/filter.h, linux/prctl.h, linux/seccomp.h.
_MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}  # and socket(2)
_IO_URING_SETUP = 425  # the same everywhere; opens sockets too
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _TRAP = 0x7FFF0000, 0x00030000
_SYSCALL, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_NO_NEW_PRIVS, _SECCOMP, _FILTER = 38, 22, 2


class SocketRefusedError(RuntimeError):
    """Code tried to open a socket while sockets are blocked."""


def refuse_sockets(trace: TextIO) -> tuple[list[str], bool]:
    """Blocks sockets; returns the list of Python's attempts, and whether Linux blocks them too.

    If so, a socket opened outside Python kills the process by SIGSYS, and `trace` then
    has the Python frames of the call.
    """
    network_requests: list[str] = []

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if event.startswith(_EVENTS):
            if event == "socket.__new__" and arguments[1] == socket.AF_UNIX:
                return
            what = f"{event} {arguments[0 if event.startswith('socket.get') else 1]}"
            network_requests.append(what)
            raise SocketRefusedError(what)

    sys.addaudithook(refuse)
    faulthandler.register(signal.SIGSYS, file=trace, all_threads=False, chain=True)
    return network_requests, _filter_sockets()


def _filter_sockets() -> bool:
    """Makes the kernel kill this process and its later threads at a socket; False: it cannot."""
    if sys.platform != "linux" or platform.machine() not in _MACHINES:
        return False
    machine, socket_number = _MACHINES[platform.machine()]
    steps = [  # code, steps to skip if true, if false, operand
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 0, 5, machine),
        (_LOAD, 0, 0, _SYSCALL),
        (_EQUAL, 3, 0, _IO_URING_SETUP),
        (_EQUAL, 0, 3, socket_number),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_EQUAL, 1, 0, socket.AF_UNIX),
        (_RETURN, 0, 0, _TRAP),
        (_RETURN, 0, 0, _ALLOW),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HL", len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    libc.prctl(_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero)
    return int(libc.prctl(_SECCOMP, ctypes.c_ulong(_FILTER), program, zero, zero)) == 0
