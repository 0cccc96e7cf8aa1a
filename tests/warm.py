"""`headstart` and `python` that start at once: forked from a process that has imported everything already.

For tests that type many commands: most of what a small one takes is the import of its libraries. Arguments,
folder, environment, stdin, stdout, stderr and exit code are those of a command of its own; plans are short,
and scenes small. (Code in `BEFORE` of the environment is run first.) Of Python there is `python -c CODE …`.

    with warm.commands() as folder:
        subprocess.run(["bash", "-c", "headstart list"], env={"PATH": f"{folder}:…"})
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

CLIENT = """
import json, os, signal, socket, sys
with socket.socket(socket.AF_UNIX) as line:
    line.connect({address!r})
    socket.send_fds(line, [b"!"], [0, 1, 2])
    line.sendall(json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode())
    line.shutdown(socket.SHUT_WR)
    code = line.recv(1)
if not code:  # it was killed
    os.kill(os.getpid(), signal.SIGKILL)
sys.exit(code[0])
"""
PROGRAMS = ("headstart", "python")
BEFORE = "HEADSTART_TESTS_BEFORE"
"""In the environment: code to run before a command."""
PATIENCE = 5.0
"""Seconds after which a process that nobody asks looks whether the tests are still there."""


@contextlib.contextmanager
def commands(ready: bool = True) -> Iterator[Path]:
    """A folder with PROGRAMS that start at once, if what they import is `ready` before; for the PATH."""
    folder = Path(tempfile.mkdtemp(prefix="warm"))  # a socket's path must be short
    address = str(folder / "socket")
    (folder / "client.py").write_text(CLIENT.format(address=address))
    for name in PROGRAMS:
        command = folder / name
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -S -E {folder / "client.py"} {name} "$@"\n')
        command.chmod(0o755)
    program = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import warm; warm.serve({ready})"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", program, address],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        yield folder
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)  # with whatever it started
        server.wait()
        if server.stdout:
            server.stdout.close()
        shutil.rmtree(folder)


def serve(ready: bool) -> None:
    """Import everything if it is to be ready, then answer each command with a process of its own."""
    if ready:
        _prepare()
    parent = os.getppid()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(sys.argv[1])
        door.listen()
        door.settimeout(PATIENCE)
        print("ready", flush=True)
        while os.getppid() == parent:
            with contextlib.suppress(TimeoutError):
                line, _ = door.accept()
                if os.fork() == 0:
                    door.close()
                    _answer(line)
                line.close()
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def _prepare() -> None:
    import timm  # noqa: F401
    import transformers  # noqa: F401

    import conftest  # noqa: F401
    import headstart.bases._card
    import headstart.demo
    import headstart.pipeline
    import headstart.pretraining  # noqa: F401
    import scenery
    import stories
    from headstart import registry

    for folder in registry.KINDS:
        for name in registry.names(folder):
            registry.get(folder, name)
    registry._entries.cache_clear()  # what is installed may differ by the environment
    stories.settle()
    scenery.shrink()
    _one_of_a_kind()


def _one_of_a_kind() -> None:
    """Of the bases that packages bring the smallest of a modality alone, where nobody names one."""
    from headstart.bases import packaged

    brought = packaged.at_hand
    packaged.at_hand = lambda modality: brought(modality)[:1]


def _answer(line: socket.socket) -> None:
    """Run one command in this process, and end it."""
    code = 1
    try:
        line.setblocking(True)
        _, descriptors, _, _ = socket.recv_fds(line, 1, 3)
        asked = b"".join(iter(lambda: line.recv(1 << 16), b""))
        words, folder, environment = json.loads(asked)
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.chdir(folder)
        os.environ.clear()
        before = environment.pop(BEFORE, "")
        os.environ.update(environment)
        import conftest

        conftest.keep_cards()
        try:
            exec(before, {})
            _run(*words)
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:  # else it looks like a command that was killed
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        line.sendall(bytes([code]))
    finally:
        os._exit(code)


def _run(program: str, *words: str) -> None:
    if program == "headstart":
        from headstart.cli import main

        sys.argv = [program, *words]
        main()
    else:
        flag, text, *more = words
        assert flag == "-c"
        sys.argv = [flag, *more]
        sys.modules["__main__"] = ModuleType("__main__")  # else the server's own would be found
        exec(compile(text, "<string>", "exec"), vars(sys.modules["__main__"]))
