package optim

import "strings"

var rules = []choice[Rule]{
	{"adam", func(s *settings) Rule {
		return Adam{s.number("beta1", share, 0.9), s.number("beta2", share, 0.999), s.number("eps", positive, 1e-8)}
	}},
	{"adamw", func(s *settings) Rule {
		return AdamW{s.number("beta1", share, 0.9), s.number("beta2", share, 0.999), s.number("eps", positive, 1e-8),
			s.number("decay", notNegative, 0.01)}
	}},
	{"lamb", func(s *settings) Rule {
		return LAMB{s.number("beta1", share, 0.9), s.number("beta2", share, 0.999), s.number("eps", positive, 1e-6),
			s.number("decay", notNegative, 0.01)}
	}},
	{"lars", func(s *settings) Rule {
		return LARS{s.number("trust", positive, 0.001), s.number("momentum", share, 0.9), s.number("decay", notNegative, 0)}
	}},
	{"muon", func(s *settings) Rule {
		m := Muon{s.number("momentum", share, 0.95), s.flag("nesterov", true), s.whole("steps", 1, 5), s.number("decay", notNegative, 0),
			s.flag("normalize", false), NewAdamW(), s.number("rate", positive, 0.015)}
		if s.word("fallback", "adamw", "adamw", "sgd") == "sgd" {
			m.Fallback = SGD{Momentum: 0.9}
		}
		return m
	}},
	{"rmsprop", func(s *settings) Rule {
		return RMSProp{s.number("alpha", share, 0.99), s.number("eps", positive, 1e-8), s.number("momentum", share, 0), s.flag("centred", false),
			s.number("decay", notNegative, 0)}
	}},
	{"sgd", func(s *settings) Rule {
		return SGD{s.number("momentum", share, 0.9), s.flag("nesterov", false), s.number("decay", notNegative, 0), s.flag("decoupled", false)}
	}},
}

var lookahead = []choice[Lookahead]{
	{"lookahead", func(s *settings) Lookahead {
		return Lookahead{Every: s.whole("every", 1, 5), Alpha: s.number("alpha", positive, 0.5)}
	}},
}

// RuleNames returns the names that ParseRule knows, sorted.
func RuleNames() []string { return names(rules) }

// ParseRule returns the rule that text describes. What is not given has the value shown:
//
//	adam:beta1=0.9,beta2=0.999,eps=1e-8
//	adamw:beta1=0.9,beta2=0.999,eps=1e-8,decay=0.01
//	lamb:beta1=0.9,beta2=0.999,eps=1e-6,decay=0.01
//	lars:trust=0.001,momentum=0.9,decay=0
//	muon:momentum=0.95,nesterov=true,steps=5,decay=0,normalize=false,fallback=adamw,rate=0.015        (fallback: adamw or sgd)
//	rmsprop:alpha=0.99,eps=1e-8,momentum=0,centred=false,decay=0
//	sgd:momentum=0.9,nesterov=false,decay=0,decoupled=false
//
// Behind any of them may stand
//
//	+lookahead:every=5,alpha=0.5
//
// An error says which names or settings there are, and which was probably meant.
func ParseRule(text string) (Rule, error) {
	text, ahead, found := strings.Cut(text, "+")
	r, err := parse("optimizer", text, rules)
	if err != nil || !found {
		return r, err
	}
	l, err := parse("addition to an optimizer", ahead, lookahead)
	l.Rule = r
	return l, err
}

var schedules = []choice[Schedule]{
	{"constant", func(s *settings) Schedule { return WarmupWithin(s.number("warmup", share, 0), Constant) }},
	{"cosine", func(s *settings) Schedule { return Warmup(s.number("warmup", share, 0), Cosine) }},
	{"cyclic", func(s *settings) Schedule {
		warmup := s.number("warmup", share, 0)
		return Warmup(warmup, Cyclic(s.number("cycles", positive, 4), s.number("low", share, 0.1), s.number("gamma", fraction, 1)))
	}},
	{"multistep", func(s *settings) Schedule {
		warmup := s.number("warmup", share, 0)
		return WarmupWithin(warmup, MultiStep(s.number("gamma", positive, 0.1), s.numbers("at", share, 0.5, 0.75)...))
	}},
	{"onecycle", func(s *settings) Schedule {
		return OneCycle(s.number("warmup", share, 0.3), s.number("div", positive, 25), s.number("final", positive, 1e4))
	}},
	{"plateau", func(s *settings) Schedule {
		warmup := s.number("warmup", share, 0)
		p := Plateau{s.number("factor", share, 0.1), s.whole("patience", 0, 5), s.number("threshold", share, 1e-4), s.whole("cooldown", 0, 0),
			s.number("least", share, 0)}
		return WarmupWithin(warmup, p.Schedule)
	}},
	{"poly", func(s *settings) Schedule {
		return Warmup(s.number("warmup", share, 0), Poly(s.number("power", positive, 0.9)))
	}},
	{"step", func(s *settings) Schedule {
		warmup := s.number("warmup", share, 0)
		return WarmupWithin(warmup, StepDecay(s.number("every", positive, 0.3), s.number("gamma", positive, 0.1)))
	}},
}

// ScheduleNames returns the names that ParseSchedule knows, sorted.
func ScheduleNames() []string { return names(schedules) }

// ParseSchedule returns the schedule that text describes. What is not given has the value shown:
//
//	constant:warmup=0
//	cosine:warmup=0
//	cyclic:cycles=4,low=0.1,gamma=1,warmup=0
//	multistep:at=0.5/0.75,gamma=0.1,warmup=0
//	onecycle:warmup=0.3,div=25,final=1e4
//	plateau:factor=0.1,patience=5,threshold=1e-4,cooldown=0,least=0,warmup=0
//	poly:power=0.9,warmup=0
//	step:every=0.3,gamma=0.1,warmup=0
//
// An error says which names or settings there are, and which was probably meant.
func ParseSchedule(text string) (Schedule, error) { return parse("schedule", text, schedules) }
