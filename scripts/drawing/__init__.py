"""Pictures from formulas: four sources of labelled images, drawn from a seed alone."""
