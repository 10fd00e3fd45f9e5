"""One file per format, each with a FORMAT that reads, writes and recognises it."""
