"""One child, one file: finding files that are the same child's, and putting two of them together."""
