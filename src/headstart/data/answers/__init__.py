"""Answers that are more than one class: as records, as text, and their checks."""
