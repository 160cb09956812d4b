"""What a campaign took, and what that is worth under assumptions that are written down.

`taken` counts; `assumptions` is what people write; `drawing` draws; `estimate` puts them together.
"""
