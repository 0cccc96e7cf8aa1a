"""What a bundle keeps of items beside their names."""
