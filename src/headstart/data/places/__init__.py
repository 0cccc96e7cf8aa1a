"""What marks places on pictures in files of annotations, whether boxes or outlines are made of it."""
