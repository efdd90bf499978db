package train

import (
	"embed"
	"fmt"
	"strings"

	"github.com/lince-ml/lince/internal/nearest"
)

// Each recipe is a config.yaml without data. Its first line is a comment that says what it is for.
//
//go:embed recipes/*.yaml
var recipes embed.FS

// RecipeNames returns the names that NamedRecipe knows, sorted.
func RecipeNames() []string {
	entries, err := recipes.ReadDir("recipes")
	if err != nil {
		panic(err) // a fault of the build
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// RecipeText returns a recipe as it is written, and what it is for.
func RecipeText(name string) (text, purpose string, err error) {
	b, err := recipes.ReadFile("recipes/" + name + ".yaml")
	if err != nil {
		return "", "", nearest.Error("recipe", name, RecipeNames())
	}
	purpose, _, _ = strings.Cut(strings.TrimPrefix(string(b), "# "), "\n")
	return string(b), purpose, nil
}

// NamedRecipe returns the settings of a recipe, without the data.
func NamedRecipe(name string) (Config, error) {
	text, _, err := RecipeText(name)
	if err != nil {
		return Config{}, err
	}
	c, err := parseConfig([]byte(text), Config{})
	if err != nil {
		return Config{}, fmt.Errorf("recipe %s: %w", name, err)
	}
	return c, nil
}

// Recipe returns the settings of a recipe for the given data and model, an architecture of package models.
func Recipe(name, data, model string) (Config, error) {
	c, err := NamedRecipe(name)
	if err != nil {
		return c, err
	}
	c.Data = data
	if c.Model != model {
		c.Model, c.ModelOptions = model, nil
	}
	if name == "digits" && model == "lenet5-1998" {
		c.Rate = 0.01 // its logits are squared distances, and its tanh is steep: with 0.1 it ends at 86 %
	}
	return c, nil
}
