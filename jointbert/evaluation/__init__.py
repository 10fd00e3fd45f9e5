"""How good a model is: scores, confusions, tables and pictures from gold utterances and parses. Knows no torch."""
