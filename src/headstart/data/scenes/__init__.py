"""Pictures whose answers have places in them, as batches and for people."""
