package metric

// A Quantity is a number that was measured.
type Quantity struct {
	Name, Title string // in JSON, and for people
	Value       float64
	Share       bool      // from 0 to 1: people read it in percent
	Less        bool      // less is better
	Interval    *Interval // 95 %; nil if there is none
}

// AppendQuantity appends q to list with the value and the interval of its name, unless value is nil.
func AppendQuantity(list []Quantity, q Quantity, value *float64, intervals map[string]Interval) []Quantity {
	if value == nil {
		return list
	}
	q.Value = *value
	if i, ok := intervals[q.Name]; ok {
		q.Interval = &i
	}
	return append(list, q)
}
