"""The HTTP server: models by name behind bounded queues that form batches."""
