package report

import (
	"fmt"
	"strconv"

	"github.com/lince-ml/lince/train"
)

// epochs returns the history as a table.
func epochs(history []train.Epoch) (columns []string, rows [][]string) {
	if len(history) == 0 {
		return nil, nil
	}
	first := history[0]
	learned, validated := names(&first.Train), names(first.Validation)
	columns = append(columns, "epoch", "learning rate")
	columns = append(columns, headings("training", learned)...)
	columns = append(columns, headings("validation", validated)...)
	columns = append(columns, "seconds")
	for _, e := range history {
		row := []string{strconv.Itoa(e.Epoch), fmt.Sprintf("%.4g", e.Rate)}
		row = append(row, texts(&e.Train, learned)...)
		row = append(row, texts(e.Validation, validated)...)
		rows = append(rows, append(row, fmt.Sprintf("%.1f", e.Seconds)))
	}
	return columns, rows
}

// names returns those of the numbers of s, which may be nil.
func names(s *train.Score) (list []string) {
	if s != nil {
		for _, v := range s.All() {
			list = append(list, v.Name)
		}
	}
	return list
}

// headings returns names for people, the first of which says on what they are measured.
func headings(on string, names []string) []string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = train.Title(n)
		if i == 0 {
			list[i] = on + " " + list[i]
		}
	}
	return list
}

// texts returns the numbers of s with these names.
func texts(s *train.Score, names []string) []string {
	list := make([]string, len(names))
	for i, n := range names {
		if s != nil {
			list[i] = s.Get(n).String()
		}
	}
	return list
}
