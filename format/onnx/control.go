package onnx

func init() { register("If", 1, branchOf) }

// branchOf builds the branch that the condition chooses, which must be known. Exporters write conditions on shapes, and those are.
func branchOf(c *call) []value {
	c.bool(0)
	t := c.known(0, "the condition")
	if t.Size() != 1 {
		c.fail("the condition has %d elements, one expected", t.Size())
	}
	name := "else_branch"
	if t.Bool()[0] {
		name = "then_branch"
	}
	a := c.attribute(name, kindGraph)
	if a == nil || a.graph == nil {
		c.fail("attribute %s is missing", name)
	}
	out, err := c.branch(a.graph)
	c.check(err)
	return out
}
