"""From a sheet to files: which column is which blank, what each row says, what is doubtful, and the one save."""
