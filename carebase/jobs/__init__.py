"""Background jobs: a queue in the database, a worker beside the web server, and a page that shows the progress."""
