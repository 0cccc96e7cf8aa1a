"""How an example becomes a base's input: one file for each modality, `base.py` is the contract."""
