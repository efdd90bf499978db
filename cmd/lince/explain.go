package main

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/plot"
	"github.com/spf13/cobra"
)

type explainFlags struct {
	importFlags
	class, method, layer, out string
	json                      bool
}

// explanation is what `lince explain --json` prints for each file. Values is row by row.
type explanation struct {
	File        string    `json:"file"`
	Class       string    `json:"class,omitempty"`
	Probability float32   `json:"probability,omitempty"`
	Method      string    `json:"method"`
	Layer       string    `json:"layer,omitempty"`
	Height      int       `json:"height"`
	Width       int       `json:"width"`
	Values      []float32 `json:"values"`

	picture image.Image
	best    lince.Prediction
}

// An explainMethod is a way to explain, and what its numbers are.
type explainMethod struct{ name, title, quantity string }

var explainMethods = []explainMethod{
	{"gradcam", "Grad-CAM: what in the last feature maps speaks for the class", "evidence"},
	{"occlusion", "Occlusion: how much less probable the class is when a square covers the place", "less probable by"},
	{"saliency", "Saliency: how much a small change of the pixel changes the class's logit", "derivative"},
	{"features", "Feature maps", ""},
}

const (
	mostMaps      = 63 // feature maps in a picture
	mostExplained = 24 // images in a picture
)

func explainCommand(c *console) *cobra.Command {
	f := &explainFlags{}
	cmd := &cobra.Command{
		Use:   "explain MODEL IMAGE...",
		Short: "Show what in a picture makes a model say a class",
		Long: "Explain draws, for each IMAGE, a file or a folder of files, what in it speaks for a class: the one that the model finds most probable, or that of --class. The methods:\n\n" +
			"  gradcam    where the feature maps of a layer speak for the class: quick, coarse\n" +
			"  occlusion  how much less probable the class is when a square covers a place: slow, needs no layer\n" +
			"  saliency   how much each pixel matters for the class: fine, noisy\n" +
			"  features   the feature maps themselves, of the first IMAGE\n\n" +
			"A picture shows where a network looks, not that it is right to. " + importHelp,
		Example: "  lince explain runs/mnist-lenet5-1 seven.png\n" +
			"  lince explain runs/flowers photos/rose/ --class rose --out roses.png\n" +
			"  lince explain resnet50-11ad3fa6.pth cat.jpg --method occlusion\n" +
			"  lince explain resnet50-11ad3fa6.pth cat.jpg --method features --layer layer1",
		Args: arguments(2, -1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), c, args) },
	}
	cmd.Flags().StringVar(&f.class, "class", "", "`NAME` of the class to explain (the most probable one of each image)")
	cmd.Flags().StringVar(&f.method, "method", "gradcam", "`NAME` of the method: gradcam, occlusion, saliency or features")
	cmd.Flags().StringVar(&f.layer, "layer", "", "`NAME` of the layer whose feature maps are looked at, as `lince inspect` lists them (the last that has any)")
	cmd.Flags().StringVar(&f.out, "out", "explain.png", "`FILE` to write, a PNG")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the numbers as JSON, and write no picture")
	f.register(cmd.Flags())
	return cmd
}

func (f *explainFlags) run(ctx context.Context, c *console, args []string) error {
	method, err := f.check()
	if err != nil {
		return err
	}
	m, err := f.open(c, args[0])
	if err != nil {
		return err
	}
	defer m.Close()
	class := -1
	if f.class != "" {
		if class = slices.Index(m.Classes(), f.class); class < 0 {
			return usageError{nearest.Error("class", f.class, m.Classes())}
		}
	}
	files, err := imageFiles(args[1:])
	if err != nil {
		return err
	}
	layer := f.layer
	if layer == "" && (f.method == "gradcam" || f.method == "features") {
		if layer, err = m.FeatureLayer(); err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
	}
	if f.method == "features" {
		return f.features(c, m, files[0], layer)
	}
	var list []explanation
	for _, file := range files[:min(len(files), mostExplained)] {
		e, err := f.explain(ctx, m, file, class)
		if err != nil {
			return err
		}
		e.Layer = layer
		list = append(list, e)
	}
	if len(files) > mostExplained {
		fmt.Fprintf(c.err, "lince: the first %d of %d images\n", mostExplained, len(files))
	}
	return f.show(c, list, method)
}

// check reports flags that make no sense, and returns the method.
func (f *explainFlags) check() (m explainMethod, err error) {
	i := slices.IndexFunc(explainMethods, func(m explainMethod) bool { return m.name == f.method })
	switch {
	case i < 0:
		var names []string
		for _, m := range explainMethods {
			names = append(names, m.name)
		}
		return m, usageError{nearest.Error("method", f.method, names)}
	case !strings.EqualFold(filepath.Ext(f.out), ".png"):
		return m, usagef("--out %s: expected a name that ends in .png", f.out)
	case f.layer != "" && (f.method == "occlusion" || f.method == "saliency"):
		return m, usagef("--layer: not with --method %s, which looks at no layer", f.method)
	}
	return explainMethods[i], nil
}

// explain asks the model about a file; class -1 stands for the most probable one.
func (f *explainFlags) explain(ctx context.Context, m *lince.Model, file string, class int) (e explanation, err error) {
	img, err := data.DecodeFile(file, 0)
	if err != nil {
		return e, err
	}
	prepared, _, err := m.ReadFile(file, 0) // not Prepare: the probabilities are those of predict
	if err != nil {
		return e, err
	}
	rows, err := m.ClassifyPrepared(ctx, []data.Image{prepared})
	if err != nil {
		return e, fmt.Errorf("%s: %w", file, err)
	}
	all := rows[0]
	said := all[0]
	if class >= 0 {
		said = all[slices.IndexFunc(all, func(p lince.Prediction) bool { return p.Index == class })]
	}
	var v lince.Map
	switch f.method {
	case "gradcam":
		v, err = m.GradCAM(img, said.Index, f.layer)
	case "occlusion":
		v, err = m.Occlusion(ctx, img, said.Index)
	case "saliency":
		v, err = m.Saliency(img, said.Index)
	}
	if err != nil {
		return e, fmt.Errorf("%s: %w", file, err)
	}
	return explanation{
		File: file, Class: said.Label, Probability: said.Probability, Method: f.method, Height: v.H, Width: v.W, Values: v.V,
		picture: plot.Picture(prepared), best: all[0],
	}, nil
}

func (f *explainFlags) show(c *console, list []explanation, method explainMethod) error {
	if f.json {
		return c.json(list)
	}
	rows := make([]plot.Explanation, len(list))
	for i, e := range list {
		rows[i] = plot.Explanation{Picture: e.picture, Title: fmt.Sprintf("%s  %.1f %%", e.Class, 100*e.Probability), Detail: e.File, Values: e.Values, H: e.Height, W: e.Width}
		if e.best.Label != e.Class {
			rows[i].Detail = fmt.Sprintf("%s, taken for %s (%.1f %%)", e.File, e.best.Label, 100*e.best.Probability)
		}
		if slices.Max(e.Values) == 0 {
			rows[i].Detail += ": nothing speaks for the class"
		}
		c.printf("%s: %s %s\n", e.File, c.bold(e.Class), metric.Percent(float64(e.Probability)))
	}
	title := method.title
	if list[0].Layer != "" {
		title += fmt.Sprintf(" (layer %s, %dx%d)", list[0].Layer, list[0].Height, list[0].Width)
	}
	if err := plot.WritePNG(f.out, plot.Explanations(title, method.quantity, rows)); err != nil {
		return err
	}
	c.printf("%s: the image, what speaks for the class, and that alone\n", f.out)
	return nil
}

// features draws the feature maps of a layer.
func (f *explainFlags) features(c *console, m *lince.Model, file, layer string) error {
	img, err := data.DecodeFile(file, 0)
	if err != nil {
		return err
	}
	maps, err := m.FeatureMaps(img, f.layer)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	values := make([][]float32, len(maps))
	var list []explanation
	for i, v := range maps {
		values[i] = v.V
		list = append(list, explanation{File: file, Method: f.method, Layer: layer, Height: v.H, Width: v.W, Values: v.V})
	}
	if f.json {
		return c.json(list)
	}
	prepared, _ := m.Prepare(img)
	h, w := maps[0].H, maps[0].W
	title := fmt.Sprintf("Feature maps of %s: %d of %dx%d", cmp.Or(layer, "the last layer that has any"), len(maps), h, w)
	if len(maps) > mostMaps {
		title += fmt.Sprintf(", the %d that vary most", mostMaps)
	}
	if err := plot.WritePNG(f.out, plot.FeatureMaps(title, plot.Picture(prepared), values, h, w, mostMaps)); err != nil {
		return err
	}
	c.printf("%s: %s\n", f.out, title)
	return nil
}
