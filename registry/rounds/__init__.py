"""The census round: once a term each child is surveyed, and what it needs becomes a task."""
