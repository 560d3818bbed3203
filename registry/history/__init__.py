"""What became of a file: each save with what it changed, read from the audit trail, and the way back."""
