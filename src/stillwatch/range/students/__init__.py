"""Real students: small language models that are trained on what a teacher answered.

They are small so that one is made in a minute anywhere; the teacher is taught English as Python's
own documentation has it, which lies on every machine that runs this.
"""
