"""Tokenizers and encoders made from plain text: corpus, MLM + NSP examples, the run."""
