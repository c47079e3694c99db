// Syntaxdump prints the compiler's own syntax tree of the files named on its standard input: for
// each file the tree, one node or value a line, and then the errors. It is built in a module that
// holds a copy of cmd/compile/internal/syntax (see harness/syntax_dump.py).
package main

import (
	"bufio"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	"syntaxdump/syntax"
)

type pragma struct{ texts []string }

type dumper struct {
	out    *bufio.Writer
	groups map[*syntax.Group]int
}

func (d *dumper) printf(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }

func (d *dumper) node(v reflect.Value) {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() || v.IsNil() {
		d.printf("~")
		return
	}
	n := v.Interface().(syntax.Node)
	s := v.Elem()
	t := s.Type()
	p := n.Pos()
	d.printf("%s %d:%d", t.Name(), p.Line(), p.Col())
	for i := range t.NumField() {
		f := t.Field(i)
		fv := s.Field(i)
		switch {
		case f.Anonymous, f.Name == "Target", f.Name == "DeferAt", f.Name == "EOF":
		case f.Name == "Pragma":
			if p, _ := fv.Interface().(*pragma); p != nil && len(p.texts) > 0 && t.Name() != "File" {
				d.printf("P %s", strings.Join(p.texts, "|"))
			}
		case f.Name == "TagList":
			st := n.(*syntax.StructType)
			tags := append([]*syntax.BasicLit(nil), st.TagList...)
			for len(tags) < len(st.FieldList) {
				tags = append(tags, nil)
			}
			d.value(reflect.ValueOf(tags))
		default:
			d.value(fv)
		}
	}
}

func (d *dumper) value(v reflect.Value) {
	switch x := v.Interface().(type) {
	case *syntax.Group:
		if x == nil {
			d.printf("g0")
			return
		}
		if d.groups[x] == 0 {
			d.groups[x] = len(d.groups) + 1
		}
		d.printf("g%d", d.groups[x])
	case syntax.Pos:
		d.printf("@%d:%d", x.Line(), x.Col())
	case string:
		d.printf("s %s", x)
	case bool:
		d.printf("%v", x)
	case syntax.Operator:
		if x == 0 {
			d.printf("o ")
		} else {
			d.printf("o %s", x)
		}
	case syntax.Token:
		d.printf("t %s", x)
	case syntax.LitKind:
		d.printf("i %d", uint(x))
	default:
		switch v.Kind() {
		case reflect.Slice, reflect.Array:
			d.list(v)
		case reflect.Interface, reflect.Pointer:
			d.node(v)
		default:
			d.printf("i %d", v.Interface())
		}
	}
}

func (d *dumper) list(v reflect.Value) {
	d.printf("[%d", v.Len())
	var typ syntax.Expr
	for i := range v.Len() {
		e := v.Index(i)
		if f, ok := e.Interface().(*syntax.Field); ok {
			if i > 0 && typ == f.Type {
				d.printf("= %d:%d", f.Pos().Line(), f.Pos().Col())
				d.node(reflect.ValueOf(f.Name))
				continue
			}
			typ = f.Type
		}
		d.node(e)
	}
}

func dump(name string, out *bufio.Writer) {
	f, err := os.Open(name)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	var errs []string
	var last uint
	onError := func(err error) {
		e := err.(syntax.Error)
		if strings.HasPrefix(e.Msg, "syntax error") {
			if last == e.Pos.Line() {
				return // as cmd/compile/internal/base.ErrorfAt
			}
			last = e.Pos.Line()
		}
		text := fmt.Sprintf("%07d:%04d %s", e.Pos.Line(), e.Pos.Col(), e.Msg)
		errs = append(errs, strings.ReplaceAll(text, "\n", `\n`))
	}
	onPragma := func(pos syntax.Pos, blank bool, text string, cur syntax.Pragma) syntax.Pragma {
		if text == "" {
			return nil
		}
		p, _ := cur.(*pragma)
		if p == nil {
			p = new(pragma)
		}
		if blank {
			p.texts = append(p.texts, text)
		}
		return p
	}
	base := syntax.NewFileBase(name)
	file, _ := syntax.Parse(base, f, onError, onPragma, syntax.CheckBranches)
	d := &dumper{out, make(map[*syntax.Group]int)}
	d.printf("FILE %s", name)
	if file != nil {
		d.node(reflect.ValueOf(file))
	}
	sort.Strings(errs)
	for _, e := range errs {
		d.printf("ERR %s", e)
	}
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		dump(in.Text(), out)
	}
}
