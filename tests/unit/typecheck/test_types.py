"""The machinery of types: identity, text, lookup, sizes, instances, inference."""

from __future__ import annotations

from goescape.typecheck.lookup import lookup_field_or_method, missing_method
from goescape.typecheck.objects import Object, Package
from goescape.typecheck.predicates import comparable, has_nil, identical
from goescape.typecheck.sizes import Sizes
from goescape.typecheck.subst import Subster, make_subst_map
from goescape.typecheck.types import Named, Signature, Struct, Type
from goescape.typecheck.typestring import type_string
from goescape.typecheck.under import common_under
from harness.typecheck import Packages


class Program:
    """The checked package of one text; `p["T"]` is the type of a package-level name."""

    def __init__(self, packages: Packages, text: str) -> None:
        checker, self.errors = packages.check({"p.go": ("package p\n" + text).encode()})
        self.pkg: Package = checker.pkg

    def obj(self, name: str) -> Object:
        return self.pkg.scope.elems[name]

    def __getitem__(self, name: str) -> Type:
        return self.obj(name).type

    def text(self, name: str) -> str:
        return type_string(self[name], lambda pkg: "" if pkg is self.pkg else pkg.name)


def check_types(packages: Packages, text: str) -> Program:
    p = Program(packages, text)
    assert p.errors == []
    return p


def test_types_print_as_written(packages: Packages) -> None:
    texts = [
        "map[string][]*int",
        "func(x int, opts ...string) (n int, err error)",
        "func([]byte) string",
        "chan (<-chan int)",
        "chan<- func()",
        'struct{a int; b string "json:\\"b\\""}',
        "interface{M(int) bool; error}",
        "[3]unsafe.Pointer",
        "any",
        "interface{}",
        "bytes.Buffer",
    ]
    decls = "".join(f"var v{i} {t}\n" for i, t in enumerate(texts))
    p = check_types(packages, 'import ("bytes"; "unsafe")\n' + decls)
    assert [p.text(f"v{i}") for i in range(len(texts))] == texts


def test_byte_and_uint8_are_one_type_with_two_names(packages: Packages) -> None:
    p = check_types(packages, "var a []byte\nvar b []uint8\nvar c []int8")
    assert identical(p["a"], p["b"])
    assert not identical(p["a"], p["c"])
    assert (p.text("a"), p.text("b")) == ("[]byte", "[]uint8")


def test_interfaces_that_refer_to_themselves_compare(packages: Packages) -> None:
    p = check_types(
        packages,
        "type A interface { m() interface { A } }\n"
        "type B interface { m() interface { B } }\n"
        "type C interface { m() interface { error } }\n",
    )
    a, b, c = (p[n].underlying for n in "ABC")
    assert identical(a, b)
    assert not identical(a, c)


def test_type_parameters_are_identical_modulo_renaming(packages: Packages) -> None:
    p = check_types(
        packages,
        "func f[P any](P) []P { return nil }\n"
        "func g[Q any](Q) []Q { return nil }\n"
        "func h[Q comparable](Q) []Q { return nil }\n",
    )
    assert identical(p["f"], p["g"])
    assert not identical(p["f"], p["h"])


def test_instances_are_shared(packages: Packages) -> None:
    p = check_types(
        packages,
        "type List[T any] struct { next *List[T]; val T }\n"
        "func (l *List[T]) Len() int { return 0 }\n"
        "var a List[[]byte]\nvar b List[[]uint8]\n",
    )
    a = p["a"]
    assert a is p["b"]
    assert isinstance(a, Named) and isinstance(a.underlying, Struct)
    assert a.underlying.fields[0].type.elem is a  # type: ignore[attr-defined]
    obj, index, indirect = lookup_field_or_method(a, True, p.pkg, "Len")
    assert obj is a.method(0) and index == (0,) and not indirect
    assert isinstance(obj.type, Signature) and obj.type.recv is not None
    assert type_string(obj.type.recv.type) == "*p.List[[]byte]"


def test_substitution_leaves_what_does_not_change(packages: Packages) -> None:
    p = check_types(packages, "func f[P any](x map[string]P, y struct{ a int }) []P { return nil }")
    sig = p["f"]
    assert isinstance(sig, Signature)
    s = Subster(None, 0, make_subst_map(sig.tparams, [sig.params.vars[1].type]))
    assert type_string(s.typ(sig.params.vars[0].type)) == "map[string]struct{a int}"
    assert s.typ(sig.params.vars[1].type) is sig.params.vars[1].type
    assert s.typ(sig.results.vars[0].type) is s.typ(sig.results.vars[0].type)


def test_lookup_goes_by_depth(packages: Packages) -> None:
    p = check_types(
        packages,
        "type E struct { x, y int }\nfunc (*E) M() {}\n"
        "type F struct { y int }\n"
        "type T struct { *E; F; x string }\n",
    )
    t = p["T"]
    obj, index, indirect = lookup_field_or_method(t, False, p.pkg, "x")
    assert obj is not None and index == (2,) and not indirect
    assert lookup_field_or_method(t, False, p.pkg, "M")[1:] == ((0, 0), True)
    obj, index, _ = lookup_field_or_method(t, False, p.pkg, "y")
    assert obj is None and index is not None  # ambiguous
    assert lookup_field_or_method(p["E"], False, p.pkg, "M") == (None, None, True)
    assert lookup_field_or_method(t, False, None, "x") == (None, None, False)


def test_missing_methods_have_causes(packages: Packages) -> None:
    p = check_types(
        packages,
        "type I interface { M(int) }\n"
        "type A struct{}\ntype B struct{}\nfunc (*B) M(int) {}\n"
        "type C struct{}\nfunc (C) M(string) {}\ntype D struct{}\nfunc (D) m() {}\n"
        "type E struct{ M int }\n",
    )

    def cause(name: str) -> str:
        cell: list[str] = []
        missing_method(p.pkg.checker, p[name], p["I"], True, identical, cell)
        return cell[0]

    assert cause("A") == "(missing method M)"
    assert cause("B") == "(method M has pointer receiver)"
    assert cause("C") == "(wrong type for method M)\n\t\thave M(string)\n\t\twant M(int)"
    assert cause("D") == "(missing method M)\n\t\thave m()\n\t\twant M(int)"
    assert cause("E") == "(E.M is a field, not a method)"


def test_sizes_follow_the_architecture(packages: Packages) -> None:
    p = check_types(
        packages,
        'import "sync/atomic"\n'
        "var a struct { b bool; i int64; e struct{} }\n"
        "var c struct { b bool; z complex128 }\n"
        "var n struct { b bool; x atomic.Int64 }\n"
        "var s []string\nvar i any\nvar h [1 << 61]int64\n",
    )
    sizes = {
        arch: [Sizes(arch).sizeof(p[v]) for v in "acnsih"] for arch in ("amd64", "386", "arm64")
    }
    assert sizes["amd64"] == [24, 24, 16, 24, 16, -1]
    assert sizes["arm64"] == sizes["amd64"]
    assert sizes["386"] == [16, 20, 16, 12, 8, -1]
    u = p["a"].underlying
    assert isinstance(u, Struct)
    assert Sizes("amd64").offsetsof(u.fields) == [0, 8, 16]
    assert Sizes("386").offsetsof(u.fields) == [0, 4, 12]


def test_predicates_look_at_type_sets(packages: Packages) -> None:
    p = check_types(
        packages,
        "func f[A ~[]int | ~[]byte, B []int | func(), C ~[]int, D comparable]"
        "(a A, b B, c C, d D) {}\n"
        "type U struct { f func() }\ntype V struct { e error }\n",
    )
    sig = p["f"]
    assert isinstance(sig, Signature)
    a, b, c, d = (v.type for v in sig.params.vars)
    core, why = common_under(a)
    assert core is None and why is not None and "different underlying types" in why.format(None)
    assert type_string(common_under(c)[0]) == "[]int"
    assert has_nil(b) and not has_nil(d)
    assert comparable(d) and not comparable(b)
    assert not comparable(p["U"]) and comparable(p["V"])


def test_inference_uses_cores_constraints_and_untyped_arguments(packages: Packages) -> None:
    p = check_types(
        packages,
        "func index[S ~[]E, E comparable](s S, e E) int { return 0 }\n"
        "func apply[A, B any](a A, f func(A) B) B { panic(0) }\n"
        "func max3[T int | float64](a, b, c T) T { return a }\n"
        "type Names []string\n"
        "type Setter[T any] interface { Set(string); *T }\n"
        "func parse[T any, P Setter[T]](s []string) []T { return nil }\n"
        "type Int int\nfunc (*Int) Set(string) {}\n"
        'var v1 = index(Names{}, "x")\n'
        'var v2 = apply(1, func(int) string { return "" })\n'
        "var v3 = max3(1, 2.5, 3)\n"
        "var v4 = parse[Int](nil)\n"
        "var v5 func(Names, string) int = index\n",
    )
    assert [p.text(f"v{i}") for i in range(1, 5)] == ["int", "string", "float64", "[]Int"]


def test_endless_types_and_instances_are_reported(packages: Packages) -> None:
    p = Program(packages, "type T struct { t [2]T }\n")
    assert [msg for *_, msg in p.errors] == ["invalid recursive type: T refers to itself"]
    p = Program(packages, "func f[A any]() { f[*A]() }\n")
    assert [msg.splitlines()[0] for *_, msg in p.errors] == ["instantiation cycle:"]
