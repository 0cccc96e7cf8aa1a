"""What libraries write: files of weights, settings, tokenizers and vectors."""
