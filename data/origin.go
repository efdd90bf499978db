package data

// Origin returns which place of a picture of w x h pixels is to be seen at the place (x, y) of the Image that f makes of it. Places are those of Sample; what
// networks find outside of the picture is moved to its edge.
func (f Fit) Origin(w, h int, x, y float32) (px, py float32) {
	fr := f.frame(w, h)
	px = (x + float32(fr.left)) * float32(w) / float32(fr.fullW)
	py = (y + float32(fr.top)) * float32(h) / float32(fr.fullH)
	return min(max(px, 0), float32(w)), min(max(py, 0), float32(h))
}
