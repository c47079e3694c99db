"""Objects in words: declarations as hover texts show them, and kinds for messages.

Example: `func (*bytes.Buffer).Write(p []byte) (n int, err error)`.

Source: cmd/compile/internal/types2/object.go (go1.27).
"""

from __future__ import annotations

from goescape.typecheck.objects import (
    Builtin,
    Const,
    Func,
    Label,
    Nil,
    Object,
    PkgName,
    TypeName,
    Var,
)
from goescape.typecheck.predicates import is_type_param
from goescape.typecheck.types import (
    Alias,
    Basic,
    Interface,
    Named,
    Signature,
    Type,
    TypeParam,
)
from goescape.typecheck.typestring import (
    Qualifier,
    TypeWriter,
    package_prefix,
    signature_string,
    type_string,
)


def object_string(obj: Object, qf: Qualifier | None = None) -> str:
    if isinstance(obj, PkgName):
        path = obj.imported.path
        return (
            f'package {obj.name} ("{path}")'
            if path not in ("", obj.name)
            else f"package {obj.name}"
        )
    if isinstance(obj, Func):
        sig = obj.type
        text = "func " + func_name(obj, qf)
        return text + signature_string(sig, qf) if isinstance(sig, Signature) else text
    if isinstance(obj, Nil):
        return "nil"
    if isinstance(obj, Label):
        return f"label {obj.name}"
    name = obj.name
    if obj.pkg is not None and obj.pkg.scope.elems.get(name) is obj:
        name = package_prefix(obj.pkg, qf) + name
    if isinstance(obj, Builtin):
        return f"builtin {name}"
    typ = obj.type
    if isinstance(obj, TypeName):
        return _type_name_string(obj, name, typ, qf)
    if isinstance(obj, Const):
        kind = "const"
    else:
        kind = "field" if isinstance(obj, Var) and obj.kind == "field" else "var"
    return f"{kind} {name} {type_string(typ, qf)}"


def _type_name_string(obj: TypeName, name: str, typ: Type, qf: Qualifier | None) -> str:
    text = ("type parameter " if is_type_param(typ) else "type ") + name
    if isinstance(typ, Basic):
        return text
    if isinstance(typ, (Named, Alias)) and typ.tparams:
        w = TypeWriter(qf)
        w.tparam_list(typ.tparams)
        text += w.text
    shown: Type | None = typ
    if obj.is_alias:
        text += " ="
        if isinstance(typ, Alias):
            shown = typ.from_rhs
    elif isinstance(typ, TypeParam):
        shown = typ.bound
    else:
        shown = typ.underlying
    if obj.name == "any" and obj.pkg is None:
        return text + " interface{}"
    return f"{text} {type_string(shown, qf)}"


def func_name(f: Func, qf: Qualifier | None = None) -> str:
    """The name behind its package's, or behind its receiver's type in parentheses."""
    sig = f.type
    if isinstance(sig, Signature) and sig.recv is not None:
        recv = sig.recv.type
        text = "interface" if isinstance(recv, Interface) else type_string(recv, qf)
        return f"({text}).{f.name}"
    return package_prefix(f.pkg, qf) + f.name


_VAR_KINDS = {
    "package": "package-level variable",
    "local": "local variable",
    "recv": "receiver",
    "param": "parameter",
    "result": "result variable",
    "field": "struct field",
}


def object_kind(obj: Object) -> str:
    """What `obj` is, for messages: "package name", "struct field", …"""
    if isinstance(obj, PkgName):
        return "package name"
    if isinstance(obj, Const):
        return "constant"
    if isinstance(obj, TypeName):
        if obj.is_alias:
            return "type alias"
        return "type parameter" if isinstance(obj.type, TypeParam) else "defined type"
    if isinstance(obj, Var):
        return _VAR_KINDS[obj.kind]
    if isinstance(obj, Func):
        sig = obj.typ  # which is not asked for: its errors would be found too early
        return "method" if isinstance(sig, Signature) and sig.recv is not None else "function"
    if isinstance(obj, Label):
        return "label"
    if isinstance(obj, Builtin):
        return "built-in function"
    return "untyped nil" if isinstance(obj, Nil) else "unknown symbol"
