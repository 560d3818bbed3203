"""Importing census sheets: upload, column mapping, preview, decisions, saving and undoing."""
