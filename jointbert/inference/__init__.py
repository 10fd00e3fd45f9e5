"""Inference: the NLU front."""
