"""The measurements of `manage.py bench`; never part of the application that is served to people."""
