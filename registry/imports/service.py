"""The import as others call it: open a file, read its rows, look, then save or cancel."""

from registry.imports.saving import save
from registry.imports.staging import cancel, open_batch, stage, stage_rows

__all__ = ["cancel", "open_batch", "save", "stage", "stage_rows"]
