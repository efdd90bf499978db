package metric

// A Quantity is a number that was measured.
type Quantity struct {
	Name, Title string // in JSON, and for people
	Value       float64
	Share       bool      // from 0 to 1: people read it in percent
	Less        bool      // less is better
	Interval    *Interval // 95 %; nil if there is none
}
