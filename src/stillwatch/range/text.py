"""Template families: the texts the range's people, lookalikes and harvesters write.

A family is one way of asking: a slot grammar with its languages. Families carry a split, so that
what trains a model is never what measures it.
"""
