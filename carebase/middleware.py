"""What the WSGI server needs from every response."""


class HeadMiddleware:
    """Empties the body of answers to HEAD, which Django leaves to the server.

    waitress would send it, and the next response on the same connection would begin with it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method == "HEAD":
            if response.streaming:
                response.streaming_content = []
            else:
                response.content = b""
        return response
