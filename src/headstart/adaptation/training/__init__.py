"""The one training loop: its batches, what it minimises, and what it leaves for a resume."""
