package main

import (
	"fmt"

	"github.com/lince-ml/lince/format/onnx"
	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/tensor"
	"github.com/lince-ml/lince/weights"
	"github.com/spf13/cobra"
)

// convertTypes are the values of --dtype.
var convertTypes = []tensor.DType{tensor.F32, tensor.F16, tensor.BF16}

func convertCommand(c *console) *cobra.Command {
	var dtype string
	var export exportFlags
	cmd := &cobra.Command{
		Use:   "convert IN OUT",
		Short: "Write weights in another format",
		Long: "Convert reads a file of weights, whose format it finds out by itself: safetensors, PyTorch, numpy or Keras. It writes them in the format that " +
			"the suffix of OUT names: .safetensors, .pth (.pt, .th, .bin), .npz, or .npy for a single tensor.\n\n" +
			"Names, order of the elements and types stay as they are. Weights of the Keras applications ResNet, DenseNet, MobileNetV2 and InceptionV3 " +
			"get the names and layouts of lince's models, which are torchvision's. Notes beside the tensors are kept in safetensors only.\n\n" +
			"With the suffix .onnx, OUT is the whole model, for ONNX Runtime and others, and IN is what predict takes as MODEL. Its input \"images\" is " +
			"float32 [N C H W], (pixel/255 - mean)/std, its output \"logits\" float32 [N classes], for batches of any size N; docs/tasks.md says what models " +
			"of other tasks have. What makes masks of boxes is a second file, OUT.masks.onnx.",
		Example: "  lince convert resnet50.pth resnet50.safetensors\n  lince convert best.safetensors small.pth --dtype f16\n  lince convert model.keras model.npz\n" +
			"  lince convert runs/mnist-lenet5-1 digits.onnx --pixels --probabilities",
		Args: arguments(2, 2),
		RunE: func(_ *cobra.Command, args []string) error {
			var d tensor.DType
			if dtype != "" {
				var err error
				if d, err = convertType(dtype); err != nil {
					return err
				}
			}
			if !onnx.Named(args[1]) {
				if export != (exportFlags{}) {
					return usagef("only --dtype goes with weights in OUT; expected a name that ends in .onnx for the other flags")
				}
				return convert(c, args[0], args[1], d)
			}
			if d != tensor.Invalid {
				return usagef("--dtype: the weights of ONNX models are float32; expected no type")
			}
			return convertToONNX(c, args[0], args[1], export)
		},
	}
	export.register(cmd.Flags())
	cmd.Flags().StringVar(&dtype, "dtype", "", "type of the real numbers in OUT: f32, f16 or bf16; integers stay as they are")
	return cmd
}

func convertType(name string) (tensor.DType, error) {
	var known []string
	for _, d := range convertTypes {
		if d.String() == name {
			return d, nil
		}
		known = append(known, d.String())
	}
	return tensor.Invalid, usageError{fmt.Errorf("--dtype: %w", nearest.Error("type", name, known))}
}

// convert writes the tensors of one file to another, real numbers as type d, Invalid for what they are.
func convert(c *console, in, out string, d tensor.DType) error {
	f, err := weights.Open(in)
	if err != nil {
		return err
	}
	entries := f.Entries
	if d != tensor.Invalid {
		entries = weights.Floats(entries, d)
	}
	err = weights.Write(out, entries, f.Metadata)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	bytes := 0
	for _, e := range entries {
		bytes += e.Bytes()
	}
	c.printf("%s: %d tensors, %s, from %s of %s\n", out, len(entries), byteCount(bytes), in, f.Format)
	return nil
}
