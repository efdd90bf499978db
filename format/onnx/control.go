package onnx

func init() { register("If", 1, branchOf) }

// branchOf builds the branch that the condition chooses, which must be known. Exporters write conditions on shapes, and those are.
func branchOf(c *call) []value {
	name := "else_branch"
	if c.truthAt(0, "the condition") {
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
