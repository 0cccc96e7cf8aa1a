"""Masks: files whose values are classes, and outlines that are drawn into one."""
