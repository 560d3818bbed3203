"""Long work outside the request: a small queue in the database, a worker beside the web server, a page with a bar."""
