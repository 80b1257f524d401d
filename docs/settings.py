"""What each setting means: the text below its field, which nothing reads at run time."""

import ast
import inspect
from itertools import pairwise
from textwrap import dedent

from pydantic import BaseModel


def meanings(settings: type[BaseModel]) -> dict[str, str]:
    """Return the text of each field that has one, on one line."""
    (tree,) = ast.parse(dedent(inspect.getsource(settings))).body
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in pairwise(ast.iter_child_nodes(tree))
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
