package optim

var rules = []choice[Rule]{
	{"adam", func(s *settings) Rule {
		return Adam{s.number("beta1", share, 0.9), s.number("beta2", share, 0.999), s.number("eps", positive, 1e-8)}
	}},
	{"adamw", func(s *settings) Rule {
		return AdamW{s.number("beta1", share, 0.9), s.number("beta2", share, 0.999), s.number("eps", positive, 1e-8),
			s.number("decay", notNegative, 0.01)}
	}},
	{"sgd", func(s *settings) Rule {
		return SGD{s.number("momentum", share, 0.9), s.flag("nesterov"), s.number("decay", notNegative, 0)}
	}},
}

// RuleNames returns the names that ParseRule knows, sorted.
func RuleNames() []string { return names(rules) }

// ParseRule returns the rule that text describes. What is not given has the value shown:
//
//	adam:beta1=0.9,beta2=0.999,eps=1e-8
//	adamw:beta1=0.9,beta2=0.999,eps=1e-8,decay=0.01
//	sgd:momentum=0.9,nesterov=false,decay=0
//
// An error says which names or settings there are, and which was probably meant.
func ParseRule(text string) (Rule, error) { return parse("optimizer", text, rules) }

var schedules = []choice[Schedule]{
	{"constant", func(*settings) Schedule { return Constant }},
	{"cosine", func(s *settings) Schedule { return Cosine(s.number("warmup", share, 0)) }},
	{"multistep", func(s *settings) Schedule {
		return MultiStep(s.number("gamma", positive, 0.1), s.numbers("at", share, 0.5, 0.75)...)
	}},
	{"onecycle", func(s *settings) Schedule {
		return OneCycle(s.number("warmup", share, 0.3), s.number("div", positive, 25), s.number("final", positive, 1e4))
	}},
	{"step", func(s *settings) Schedule {
		return StepDecay(s.number("every", positive, 0.3), s.number("gamma", positive, 0.1))
	}},
}

// ScheduleNames returns the names that ParseSchedule knows, sorted.
func ScheduleNames() []string { return names(schedules) }

// ParseSchedule returns the schedule that text describes. What is not given has the value shown:
//
//	constant
//	cosine:warmup=0
//	multistep:at=0.5/0.75,gamma=0.1
//	onecycle:warmup=0.3,div=25,final=1e4
//	step:every=0.3,gamma=0.1
//
// An error says which names or settings there are, and which was probably meant.
func ParseSchedule(text string) (Schedule, error) { return parse("schedule", text, schedules) }
