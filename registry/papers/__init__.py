"""Papers about the children of a class or a village on a day: files, contact cards, tables, the official form."""
