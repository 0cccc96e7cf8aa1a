"""Pictures: decoded, shown with one exposure, varied, and read as batches."""
