package templates

import (
	"strconv"
	"strings"
	"text/template/parse"
)

// rewriter changes the parsed files so that a provider's value is computed where it is used.
//
// The data of a page holds a *lazy under each provider's name. Where a page says .user.Name, the
// rewriter makes it (_get "Name" .user).Name. The function _get forces a lazy value and passes
// anything else through, so the meaning is the same where .user is an ordinary field of
// something else. The words that follow go along for values that are a [Lookuper].
//
// With strict, a name that nobody gave is made an error in the same way, by the function _must:
// html/template's own missingkey=error would also refuse {{if .perms.polls.add_poll}} for users
// who have no such permission.
type rewriter struct {
	provided map[string]Provider
	strict   bool
}

// onlyAsks reports whether the command calls a function for which a missing value is no mistake.
func onlyAsks(cmd *parse.CommandNode) bool {
	id, ok := cmd.Args[0].(*parse.IdentifierNode)
	if !ok {
		return false
	}
	switch id.Ident {
	case "and", "or", "not", "default":
		return true
	}
	return false
}

func (r rewriter) list(l *parse.ListNode) {
	if l == nil || len(r.provided) == 0 && !r.strict {
		return
	}
	for _, n := range l.Nodes {
		pipe, lists := parts(n)
		strict := r.strict
		switch n.(type) {
		case *parse.IfNode, *parse.WithNode:
			strict = false
		}
		if pipe != nil {
			r.pipe(pipe, strict)
		}
		for _, inner := range lists {
			r.list(inner)
		}
	}
}

func (r rewriter) pipe(p *parse.PipeNode, strict bool) {
	var cmds []*parse.CommandNode
	for i, cmd := range p.Cmds {
		strict := strict && !onlyAsks(cmd) && (i+1 == len(p.Cmds) || !onlyAsks(p.Cmds[i+1]))
		for j, arg := range cmd.Args {
			called := j == 0 && (len(cmd.Args) > 1 || i > 0)
			cmd.Args[j] = r.operand(arg, strict, called)
		}
		cmds = append(cmds, cmd)
		if id, ok := cmd.Args[0].(*parse.IdentifierNode); ok && id.Ident == "index" && len(r.provided) > 0 {
			cmds = append(cmds, command(cmd.Pos, "_get", text(cmd.Pos, "")))
		}
	}
	p.Cmds = cmds
}

// operand returns what stands in place of n. A called operand is given arguments; if it is a
// name it must be a method, which needs no help.
func (r rewriter) operand(n parse.Node, strict, called bool) parse.Node {
	switch n := n.(type) {
	case *parse.PipeNode:
		r.pipe(n, strict)
	case *parse.FieldNode:
		return r.path(n, n.Ident, strict, called, func(words []string) parse.Node {
			return &parse.FieldNode{NodeType: parse.NodeField, Pos: n.Pos, Ident: words}
		})
	case *parse.VariableNode:
		return r.path(n, n.Ident[1:], strict, called, func(words []string) parse.Node {
			ident := append([]string{n.Ident[0]}, words...)
			return &parse.VariableNode{NodeType: parse.NodeVariable, Pos: n.Pos, Ident: ident}
		})
	case *parse.ChainNode:
		n.Node = r.operand(n.Node, strict, false)
		return r.path(n, n.Field, false, called, func(words []string) parse.Node {
			return &parse.ChainNode{NodeType: parse.NodeChain, Pos: n.Pos, Node: n.Node, Field: words}
		})
	}
	return n
}

// path rewrites a path of words at the first one that needs it; upTo makes the node for the
// words up to there.
func (r rewriter) path(n parse.Node, words []string, strict, called bool, upTo func([]string) parse.Node) parse.Node {
	for i, word := range words {
		_, provided := r.provided[word]
		must := i == 0 && strict && !provided
		head, rest := words[:i+1], words[i+1:]
		if called && len(rest) == 0 || !provided && !must {
			continue
		}
		pos := n.Position()
		call := command(pos, "_get", text(pos, strings.Join(rest, ".")), upTo(head))
		if must {
			call = command(pos, "_must", text(pos, word), upTo(head))
		}
		inner := &parse.PipeNode{NodeType: parse.NodePipe, Pos: pos, Cmds: []*parse.CommandNode{call}}
		if len(rest) == 0 {
			return inner
		}
		chain := &parse.ChainNode{NodeType: parse.NodeChain, Pos: pos, Node: inner, Field: rest}
		if provided {
			return chain
		}
		return r.path(chain, rest, false, called, func(words []string) parse.Node {
			return &parse.ChainNode{NodeType: parse.NodeChain, Pos: pos, Node: inner, Field: words}
		})
	}
	return n
}

func command(pos parse.Pos, function string, args ...parse.Node) *parse.CommandNode {
	id := parse.NewIdentifier(function).SetPos(pos)
	return &parse.CommandNode{NodeType: parse.NodeCommand, Pos: pos, Args: append([]parse.Node{id}, args...)}
}

func text(pos parse.Pos, s string) *parse.StringNode {
	return &parse.StringNode{NodeType: parse.NodeString, Pos: pos, Quoted: strconv.Quote(s), Text: s}
}
