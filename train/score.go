package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/task"
)

// A Score is what is measured of an epoch: means over images. As JSON it is one object of numbers, such as {"loss": 0.1, "accuracy": 0.97}.
type Score struct {
	Loss   float64 // NaN if there is none
	Values []Value // of the validation images, the first chooses the best epoch
}

// A Value is a number with a name: the loss, a part of it if the name ends in _loss, else a share from 0 to 1 of which more is better.
type Value struct {
	Name  string
	Value float64
}

const (
	lossName   = "loss"
	lossSuffix = "_" + lossName
)

// IsLoss reports whether v is the loss or a part of it.
func (v Value) IsLoss() bool { return v.Name == lossName || strings.HasSuffix(v.Name, lossSuffix) }

// Title returns the name for people, such as "mean IoU" of mean_iou.
func Title(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words {
		switch {
		case strings.HasSuffix(w, "iou"):
			words[i] = strings.ToUpper(strings.TrimSuffix(w, "iou")) + "IoU"
		case strings.TrimRight(w, "0123456789") == "ap":
			words[i] = strings.ToUpper(w)
		}
	}
	return strings.Join(words, " ")
}

// String returns the number for people: shares in percent, nothing for NaN.
func (v Value) String() string {
	switch {
	case math.IsNaN(v.Value):
		return ""
	case v.IsLoss():
		return fmt.Sprintf("%.4f", v.Value)
	}
	return metric.Percent(v.Value)
}

// All returns all numbers of s, the loss first if there is one.
func (s Score) All() []Value {
	if math.IsNaN(s.Loss) {
		return s.Values
	}
	return append([]Value{{lossName, s.Loss}}, s.Values...)
}

// Get returns the number called name, such as loss or accuracy, as NaN if there is none.
func (s Score) Get(name string) Value {
	for _, v := range s.All() {
		if v.Name == name {
			return v
		}
	}
	return Value{name, math.NaN()}
}

// scoreOf returns what an epoch says of a measurement.
func scoreOf(r task.Report) Score {
	s := Score{Loss: r.Loss()}
	for _, q := range r.Quantities() {
		s.Values = append(s.Values, Value{q.Name, q.Value})
	}
	return s
}

// best returns what epochs are compared by, and if it is equal, the loss.
func (s Score) best() float64 {
	if len(s.Values) == 0 {
		return 0
	}
	return s.Values[0].Value
}

// finite reports whether all is numbers: weights that have diverged give NaN or infinities.
func (s Score) finite() bool {
	for _, v := range s.Values {
		if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
			return false
		}
	}
	return !math.IsInf(s.Loss, 0)
}

// metrics adds what s says to m, under names that begin with prefix.
func (s Score) metrics(prefix string, m map[string]float64) {
	for _, v := range s.All() {
		m[prefix+v.Name] = v.Value
	}
}

// MarshalJSON implements json.Marshaler.
func (s Score) MarshalJSON() ([]byte, error) {
	b := []byte("{")
	for i, v := range s.All() {
		if i > 0 {
			b = append(b, ',')
		}
		number, err := json.Marshal(v.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v.Name, err)
		}
		b = fmt.Appendf(b, "%q:%s", v.Name, number)
	}
	return append(b, '}'), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *Score) UnmarshalJSON(b []byte) error {
	*s = Score{Loss: math.NaN()}
	d := json.NewDecoder(bytes.NewReader(b))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		v := Value{Name: fmt.Sprint(name)}
		if err := d.Decode(&v.Value); err != nil {
			return fmt.Errorf("%s: %w", v.Name, err)
		}
		if v.Name == lossName {
			s.Loss = v.Value
		} else {
			s.Values = append(s.Values, v)
		}
	}
	return nil
}

// sums are what the training score of an epoch is made from.
type sums struct {
	Loss  float64   `json:"loss"`            // of the steps
	Parts []float64 `json:"parts,omitempty"` // of the steps, in the order of task.Losses
	Steps int       `json:"steps"`
}

// add counts a step.
func (s *sums) add(loss float64, parts []float64) {
	if s.Parts == nil {
		s.Parts = make([]float64, len(parts))
	}
	s.Steps++
	s.Loss += loss
	for i, v := range parts {
		s.Parts[i] += v
	}
}

// score returns the means over steps of so many images each.
func (s *sums) score(parts []task.Part, batch int) Score {
	sc := Score{Loss: s.Loss / float64(s.Steps)}
	for i, sum := range s.Parts {
		v := Value{parts[i].Name + lossSuffix, sum / float64(s.Steps)}
		if parts[i].Count {
			v = Value{parts[i].Name, sum / float64(s.Steps*batch)}
		}
		sc.Values = append(sc.Values, v)
	}
	return sc
}
