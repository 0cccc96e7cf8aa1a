"""The frozen pass of a base over examples, and the engines that it runs on."""
