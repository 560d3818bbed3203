"""What `manage.py bench` measures, and how. Never part of the application that is served to people."""
