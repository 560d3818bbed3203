"""The server of the demonstration, on the loopback address only, whatever the settings say."""

import signal
import threading

from waitress import create_server

HOST = "127.0.0.1"
THREADS = 8


def open_server(port: int):
    """Return a server that listens on `port`, or on a free one for 0; OSError when the port is taken."""
    from carebase.wsgi import application

    return create_server(application, host=HOST, port=port, threads=THREADS, ident=None)


def server_url(server) -> str:
    return f"http://{HOST}:{server.effective_port}/"


def serve(server) -> None:
    """Serve until Ctrl-C or SIGTERM, then let running requests end."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, exit_on_signal)
    try:
        server.run()
    finally:
        server.close()


def exit_on_signal(number, frame):
    raise SystemExit(0)
