"""A search for good settings of a training config, on dev alone, with Optuna."""
