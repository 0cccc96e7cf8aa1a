"""Refuses connections to other machines.

Importing it is enough. `tests/conftest.py` does that for the tests' own process and puts this folder on
PYTHONPATH: Python imports a module of this name when it starts, so the processes that tests start are
blocked as well.
"""

import ipaddress
import socket


class NetworkBlockedError(BaseException):
    """A test reached for another machine; no `except Exception` may swallow that."""


def block():
    """Let sockets connect to this machine only; names of other machines are not looked up."""
    if getattr(socket, "only_local", False):
        return
    socket.only_local = True
    for owner, name, host in (
        (socket.socket, "connect", lambda _, address: address[0]),
        (socket.socket, "connect_ex", lambda _, address: address[0]),
        (socket, "getaddrinfo", lambda host, *_, **__: host),
        (socket, "gethostbyname", lambda host: host),
    ):
        setattr(owner, name, _guarded(getattr(owner, name), host))


def _guarded(function, host_of):
    def guarded(*args, **kwargs):
        if not _is_unix(args[0]) and not _is_local(host := host_of(*args, **kwargs)):
            raise NetworkBlockedError(f"no network in tests: {function.__name__} to {host!r}")
        return function(*args, **kwargs)

    return guarded


def _is_unix(first):
    return isinstance(first, socket.socket) and first.family == getattr(socket, "AF_UNIX", None)


def _is_local(host):
    text = host.decode() if isinstance(host, bytes) else host
    if text in (None, "", "localhost", "0.0.0.0", "::"):
        return True
    try:
        return ipaddress.ip_address(text).is_loopback or _is_own(text)
    except ValueError:
        return text == socket.gethostname()


def _is_own(address):
    """Is it one of this machine's own? Only such an address can be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as line:
        try:
            line.bind((address, 0))
        except OSError:
            return False
    return True


block()
