package train

import (
	"fmt"
	"strconv"
	"time"
)

// parseSaveEvery reads Config.SaveEvery: a number of steps, or a time such as 90s, 5m or 1h30m. Both are 0 for "".
func parseSaveEvery(text string) (steps int, d time.Duration, err error) {
	if text == "" {
		return 0, 0, nil
	}
	if steps, err = strconv.Atoi(text); err == nil && steps > 0 {
		return steps, 0, nil
	}
	if d, err = time.ParseDuration(text); err == nil && d > 0 {
		return 0, d, nil
	}
	return 0, 0, fmt.Errorf("save_every is %q, expected a number of steps, or a time such as 90s or 5m", text)
}

// A saver says when Config.SaveEvery asks for a checkpoint.
type saver struct {
	steps int
	time  time.Duration
	last  time.Time // when the last one was tried
}

// due reports whether it is time for a checkpoint after the given number of steps.
func (s *saver) due(steps int) bool {
	if s.steps > 0 {
		return steps%s.steps == 0
	}
	return s.time > 0 && time.Since(s.last) >= s.time
}
