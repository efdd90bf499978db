package train

import "strings"

// Recipe returns the settings with which the given model (an architecture of package models) is trained on the given data ("mnist",
// "digits:DIR" or a folder) unless the user says otherwise.
func Recipe(data, model string) Config {
	c := Config{
		Data: data, Model: model,
		Epochs: 20, Batch: 32, Optim: "adamw:decay=0.05", Rate: 1e-3, Schedule: "cosine:warmup=0.1",
		Augment:    Augment{Degrees: 5, Scale: 0.1, Translate: 0.05, Flip: FlipRandom},
		Validation: 0.15, Test: 0.15,
		Seed: 1,
	}
	if data == "mnist" || strings.HasPrefix(data, "digits:") {
		c.digits()
	}
	return c
}

// digits changes c for scans of writing. With lenet5 on MNIST, trained on five sixths of the training images and measured on the last
// sixth, the mean accuracy over two seeds is 99.43 % with 14 epochs and 99.48 % with 18. Rates of 0.05 and 0.02, batches of 64, twice
// the decay, AdamW, a longer warm-up, and weaker or stronger augmentation are within 0.1 % of that, none of them above it.
func (c *Config) digits() {
	c.Epochs, c.Batch, c.Optim, c.Rate, c.Schedule = 14, 128, "sgd:momentum=0.9,nesterov=true,decay=5e-4", 0.1, "onecycle:warmup=0.2"
	c.Augment = Augment{Degrees: 10, Scale: 0.1, Shear: 5, Translate: 0.07}
	c.Validation = 0.05
	switch c.Model {
	case "lenet5":
		c.ModelOptions = map[string]string{"activation": "relu", "pool": "max"}
	case "lenet5-1998":
		c.Rate = 0.01 // its logits are squared distances, and its tanh is steep: with 0.1 it ends at 86 %
	}
}
