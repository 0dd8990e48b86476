"""The one way in which generating fails: a message that says where and what to do."""


class GenerateError(Exception):
    """Something in a model or in the table is wrong. `where` is FILE or FILE:LINE."""

    def __init__(self, where, problem, remedy=""):
        super().__init__(f"{where}: {problem}" + (f"; {remedy}" if remedy else ""))
