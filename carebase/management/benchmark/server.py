"""Serves the application and reports the cost of requests: `python -m carebase.management.benchmark.server`.

The measurement wraps the whole application, so that pages and the floor pass the same middleware.
"""

import os
import time

CPU = "/bench/cpu/"
COUNT = "X-Count-Queries"  # header of the request, and of the response with the number
URLS = "carebase.management.benchmark.urls"


class MeteredApplication:
    """WSGI middleware that reports the processor time of the process, and counts SQL statements on demand."""

    def __init__(self, application):
        self.application = application
        self.count_key = "HTTP_" + COUNT.upper().replace("-", "_")

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == CPU:
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [repr(time.process_time()).encode()]
        if self.count_key in environ:
            return self.count_queries(environ, start_response)
        return self.application(environ, start_response)

    def count_queries(self, environ, start_response):
        """Return the response with the number of SQL statements, BEGIN and COMMIT included, in a header."""
        from django.db import connection

        statements = []

        def count(execute, sql, *arguments):
            statements.append(sql)
            return execute(sql, *arguments)

        def start(status, headers, *more):
            return start_response(status, [*headers, (COUNT, str(len(statements)))], *more)

        with connection.execute_wrapper(count):
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
