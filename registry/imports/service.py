"""The import as others call it: open a file, read its rows, decide, then save or cancel; and take it back."""

from registry.imports.decisions import decide
from registry.imports.saving import save
from registry.imports.staging import cancel, open_batch, stage, stage_rows
from registry.imports.undoing import undo

__all__ = ["cancel", "decide", "open_batch", "save", "stage", "stage_rows", "undo"]
