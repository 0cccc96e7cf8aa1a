"""Folders: what their names and what lies in them say."""
