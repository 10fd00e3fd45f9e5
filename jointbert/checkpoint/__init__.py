"""The model folder on disk, and the one path from text to parse that stands on it."""
