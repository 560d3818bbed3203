"""The census round: each child is surveyed once a term, and its needs become tasks."""
