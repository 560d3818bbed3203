"""The application on a port of its own, told what it cost: `python -m carebase.management.benchmark.server`.

The meter stands outside the application, so that every page and the floor pass the same middleware as ever.
"""

import os
import time

CPU = "/bench/cpu/"
COUNT = "X-Count-Queries"  # asked for by the request and answered under the same name
URLS = "carebase.management.benchmark.urls"


class MeteredApplication:
    """A WSGI application that answers how much processor time the process has used, and counts statements on demand."""

    def __init__(self, application):
        self.application = application
        self.asked = "HTTP_" + COUNT.upper().replace("-", "_")

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == CPU:
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [repr(time.process_time()).encode()]
        if self.asked in environ:
            return self.counted(environ, start_response)
        return self.application(environ, start_response)

    def counted(self, environ, start_response):
        """Answer with the number of statements of the request, those that open and close transactions included."""
        from django.db import connection

        statements = []

        def note(execute, sql, *arguments):
            statements.append(sql)
            return execute(sql, *arguments)

        def start(status, headers, *more):
            return start_response(status, [*headers, (COUNT, str(len(statements)))], *more)

        with connection.execute_wrapper(note):
            return self.application(environ, start)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carebase.settings")
    from django.conf import settings

    settings.ROOT_URLCONF = URLS
    from waitress import create_server

    from carebase.management import demo_server
    from carebase.wsgi import application

    server = create_server(
        MeteredApplication(application), host=demo_server.HOST, port=0, threads=demo_server.THREADS, ident=None
    )
    print(server.effective_port, flush=True)
    demo_server.serve(server)


if __name__ == "__main__":
    main()
