"""The stub file says what the compiled module has, and everything has a docstring."""

import ast
import inspect
from pathlib import Path

import erbium
import pytest
from erbium import _erbium

STUB = Path(_erbium.__file__).with_name("_erbium.pyi")
TREE = ast.parse(STUB.read_text())
CLASSES = {node.name: node for node in TREE.body if isinstance(node, ast.ClassDef)}
FUNCTIONS = {node.name: node for node in TREE.body if isinstance(node, ast.FunctionDef)}


def public(thing):
    return {name for name in vars(thing) if not name.startswith("_")}


def parameters(arguments, drop):
    """Names, kinds and defaults, `...` where the compiled module does not tell."""
    positional = [*arguments.posonlyargs, *arguments.args][drop:]
    missing = len(positional) - len(arguments.defaults)
    defaults = [None] * missing + arguments.defaults
    both = [(a.arg, d, False) for a, d in zip(positional, defaults, strict=True)]
    both += [(a.arg, d, True) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    told = lambda d: inspect.Parameter.empty if d is None else ast.literal_eval(d)
    return [(name, told(default), only) for name, default, only in both]


def compiled(thing, drop):
    found = list(inspect.signature(thing).parameters.values())[drop:]
    only = inspect.Parameter.KEYWORD_ONLY
    return [(p.name, p.default, p.kind == only) for p in found]


def agree(stub, module):
    """Whether both have the same parameters; a default that the module does not tell (`...`) agrees with any."""
    if len(stub) != len(module):
        return False
    told = [(s, m) for s, m in zip(stub, module, strict=True)]
    return all(s[::2] == m[::2] and (s[1] == m[1] or m[1] is ...) for s, m in told)


def test_the_package_is_typed_and_complete():
    assert STUB.with_name("py.typed").exists()
    assert public(_erbium) == set(CLASSES) | set(FUNCTIONS)
    offered = [erbium, erbium.feature, erbium.filters, erbium.scales]
    names = {name for module in offered for name in module.__all__}
    assert names >= public(_erbium)
    assert erbium.__version__ == _erbium.__version__


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_as_the_stub_says(name):
    function = getattr(_erbium, name)
    assert agree(parameters(FUNCTIONS[name].args, 0), compiled(function, 0))
    assert "Returns" in function.__doc__ and "array" in function.__doc__


@pytest.mark.parametrize("name", CLASSES)
def test_classes_are_as_the_stub_says(name):
    made, stub = getattr(_erbium, name), CLASSES[name]
    members = {node.name: node for node in stub.body}
    assert {member for member in members if not member.startswith("_")} == public(made)
    assert agree(parameters(members["__new__"].args, 1), compiled(made, 0))
    assert made.__module__ == "erbium" and "Parameters" in made.__doc__
    for member, node in members.items():
        if member == "__new__":
            continue
        decorators = [decorator.id for decorator in node.decorator_list]
        own = inspect.getattr_static(made, member)
        assert inspect.getdoc(own) or inspect.getdoc(getattr(made, member)), member
        assert inspect.isdatadescriptor(own) == ("property" in decorators), member
        # Of what is called the module tells no parameters.
        if "property" not in decorators and member != "__call__":
            # Of a class method Python shows no class.
            bound = getattr(made, member)
            drop = 0 if "classmethod" in decorators else 1
            assert agree(parameters(node.args, 1), compiled(bound, drop)), member
