"""What fits whole models, where none is trained by steps."""
