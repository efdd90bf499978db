package optim_test

import (
	"strings"
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/optim"
	"github.com/lince-ml/lince/tensor"
)

func TestParseRule(t *testing.T) {
	for text, want := range map[string]optim.Rule{
		"sgd": optim.SGD{Momentum: 0.9},
		"sgd:momentum=0.8,nesterov=true,decay=1e-4": optim.SGD{Momentum: 0.8, Nesterov: true, WeightDecay: 1e-4},
		"muon:momentum=0.9":                         optim.Muon{Momentum: 0.9, Nesterov: true, Steps: 5, Fallback: optim.NewAdamW(), FallbackRate: 0.015},
		"sgd+lookahead":                             optim.Lookahead{Rule: optim.SGD{Momentum: 0.9}, Every: 5, Alpha: 0.5},
		"adam":                                      optim.NewAdam(),
		"adamw":                                     optim.NewAdamW(),
		"adamw:beta2=0.95,decay=0.05":               optim.AdamW{Beta1: 0.9, Beta2: 0.95, Eps: 1e-8, WeightDecay: 0.05},
	} {
		if got, err := optim.ParseRule(text); err != nil || got != want {
			t.Errorf("%s: %+v and error %v, want %+v", text, got, err, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	rule := func(s string) error { _, err := optim.ParseRule(s); return err }
	schedule := func(s string) error { _, err := optim.ParseSchedule(s); return err }
	for _, c := range []struct {
		err  error
		want string
	}{
		{rule("adm"), `unknown optimizer "adm": did you mean "adam"? there are adam, adamw, lamb, lars, muon, rmsprop and sgd`},
		{rule("adagrad"), `unknown optimizer "adagrad": there are adam, adamw, lamb, lars, muon, rmsprop and sgd`},
		{rule("sgd:momentun=0.9"), `optimizer sgd: unknown setting "momentun": did you mean "momentum"? there are momentum, nesterov, decay and decoupled`},
		{rule("sgd:momentum=1"), `optimizer sgd: momentum is "1", expected a number that is 0 or more and less than 1`},
		{rule("sgd:momentum=NaN"), `optimizer sgd: momentum is "NaN", expected a number that is 0 or more and less than 1`},
		{rule("sgd:nesterov=yes"), `optimizer sgd: nesterov is "yes", true or false expected`},
		{rule("sgd:momentum"), `optimizer sgd: "momentum": settings are written key=value,key=value, each key once`},
		{rule("sgd:decay=1,decay=2"), `optimizer sgd: "decay=1,decay=2": settings are written key=value,key=value, each key once`},
		{rule("muon:steps=2.5"), `optimizer muon: steps is "2.5", expected a number that is whole and 1 or more`},
		{rule("muon:fallback=adan"), `optimizer muon: fallback is "adan", adamw or sgd expected`},
		{rule("sgd+lookahed:every=3"), `unknown addition to an optimizer "lookahed": did you mean "lookahead"? there is only lookahead`},
		{schedule("cosin"), `unknown schedule "cosin": did you mean "cosine"? there are constant, cosine, cyclic, multistep, onecycle, plateau, poly and step`},
		{schedule("constant:gamma=1"), `schedule constant: unknown setting "gamma": there is only warmup`},
		{schedule("cosine:warmup=five"), `schedule cosine: warmup is "five", expected a number that is 0 or more and less than 1`},
		{schedule("cosine:warmup=0.1/0.2"), `schedule cosine: warmup is "0.1/0.2", one number expected`},
		{schedule("step:every=0"), `schedule step: every is "0", expected a number that is more than 0`},
	} {
		if c.err == nil || c.err.Error() != c.want {
			t.Errorf("error %v\nwant  %s", c.err, c.want)
		}
	}
}

// forgetful is a rule that leaves a state without a next value.
type forgetful struct{}

func (forgetful) Update(c *optim.Context, p nn.Variable, _ *graph.Node) *graph.Node {
	return c.State(p, "slot")
}

func TestStepErrors(t *testing.T) {
	for want, grads := range map[string]int{
		"optim.Step: 1 variables and 0 gradients":                           0,
		"optim.Step: optim_test.forgetful gives optim.slot.p no next value": 1,
	} {
		_, err := graph.Trace(func(g *graph.Graph) {
			s := nn.NewScope(g, nn.Train)
			p := s.Param("p", tensor.ShapeOf(2), nn.Zeros)
			optim.Step(g, forgetful{}, optim.Options{}, s.Variables(), []*graph.Node{p}[:grads])
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nwant  %s", err, want)
		}
	}
}
