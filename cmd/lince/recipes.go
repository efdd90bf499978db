package main

import (
	"cmp"
	"fmt"

	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/train"
	"github.com/spf13/cobra"
)

func recipesCommand(c *console) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "recipes [NAME]",
		Short: "List the recipes for training, or print one",
		Long: "Recipes lists the settings that are part of lince, each for one kind of data. With NAME it prints one as YAML: `lince train --recipe NAME` uses it as it is, " +
			"and a copy of it in a file, with changes, goes to `lince train --config FILE`.",
		Example: "  lince recipes\n  lince recipes resnet20-cifar > mine.yaml",
		Args:    arguments(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				text, _, err := train.RecipeText(args[0])
				if err != nil {
					return usageError{err}
				}
				c.printf("%s", text)
				return nil
			}
			return listRecipes(c, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, for programs")
	return cmd
}

func listRecipes(c *console, asJSON bool) error {
	type info struct {
		Name    string `json:"name"`
		Task    string `json:"task"`
		Model   string `json:"model"`
		Purpose string `json:"purpose"`
	}
	var list []info
	for _, name := range train.RecipeNames() {
		_, purpose, err := train.RecipeText(name)
		if err != nil {
			return err
		}
		cfg, err := train.NamedRecipe(name)
		if err != nil {
			return err
		}
		list = append(list, info{name, cmp.Or(cfg.Task, classify.Name), cfg.Model, purpose})
	}
	if asJSON {
		return c.json(list)
	}
	t := c.table()
	for _, r := range list {
		fmt.Fprintf(t, "%s\t%s\t%s\t\n", r.Name, r.Task, r.Purpose)
	}
	return t.Flush()
}
