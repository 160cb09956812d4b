"""Suspects: was a model trained on our outputs, and through which accounts did they leak."""
