"""Papers out: children's files, contact cards, tables and the official form, for a class or a village and a date."""
