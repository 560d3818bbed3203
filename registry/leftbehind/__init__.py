"""Whether a child counts as left-behind by a definition on a day, and because of which dated facts."""
