"""The joint model: encoder, heads, CRF."""
