"""Texts and pairs of texts: their layouts, and how they become batches."""
