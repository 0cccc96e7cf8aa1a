"""What happened, as records, as a page and as a model card."""
