package weights

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/models"
)

// applications are those of keras.applications whose weights become a model's of lince. The names of layers are those of keras/applications/
// resnet.py, densenet.py, mobilenet_v2.py and inception_v3.py; versions before 2.2.3 had slashes in them.
var applications = []application{
	{name: "ResNet", layers: resnetLayers, epsilon: 1.001e-5 - 1e-5, blueFirst: "conv1"},
	{name: "DenseNet", layers: densenetLayers, epsilon: 1.001e-5 - 1e-5},
	{name: "MobileNetV2", layers: mobilenetV2Layers, epsilon: 1e-3 - 1e-5},
	{name: "InceptionV3", layers: inceptionV3Layers, numbered: []string{"beta", "moving_mean", "moving_variance"}},
}

// A rule turns the names of layers that match it into lince's.
type rule struct {
	keras *regexp.Regexp
	name  func(groups []string) string
}

// apply returns the names of the layers that a rule matches; nil if one of needed is not among the layers.
func apply(entries []format.Entry, needed []string, rules []rule) map[string]string {
	layers := layerNames(entries)
	for _, n := range needed {
		if !slices.ContainsFunc(layers, func(l string) bool { return strings.ReplaceAll(l, "/", "_") == n }) {
			return nil
		}
	}
	names := map[string]string{}
	for _, l := range layers {
		for _, r := range rules {
			if groups := r.keras.FindStringSubmatch(strings.ReplaceAll(l, "/", "_")); groups != nil {
				names[l] = r.name(groups)
			}
		}
	}
	return names
}

func matches(pattern string, name func(g []string) string) rule {
	return rule{regexp.MustCompile("^" + pattern + "$"), name}
}

func called(keras, name string) rule {
	return matches(regexp.QuoteMeta(keras), func([]string) string { return name })
}

// number returns the number in s plus n, as text.
func number(s string, n int) string {
	v, err := strconv.Atoi(s)
	if err != nil {
		return s
	}
	return strconv.Itoa(v + n)
}

// resnetLayers knows ResNet50, ResNet101 and ResNet152.
func resnetLayers(entries []format.Entry) (map[string]string, error) {
	return apply(entries, []string{"conv1_conv", "conv1_bn", "conv2_block1_0_conv", "conv2_block1_0_bn", "conv5_block3_3_bn"}, []rule{
		called("conv1_conv", "conv1"), called("conv1_bn", "bn1"), called("predictions", "fc"), called("probs", "fc"),
		matches(`conv([2-5])_block(\d+)_([0-3])_(conv|bn)`, func(g []string) string {
			block := fmt.Sprintf("layer%s.%s.", number(g[1], -1), number(g[2], -1))
			if g[3] == "0" {
				return block + map[string]string{"conv": "downsample.0", "bn": "downsample.1"}[g[4]]
			}
			return block + g[4] + g[3]
		}),
	}), nil
}

// densenetLayers knows DenseNet121, DenseNet169 and DenseNet201.
func densenetLayers(entries []format.Entry) (map[string]string, error) {
	return apply(entries, []string{"conv1_conv", "conv1_bn", "conv2_block1_0_bn", "conv2_block1_2_conv", "pool4_conv", "bn"}, []rule{
		called("conv1_conv", "features.conv0"), called("conv1_bn", "features.norm0"), called("bn", "features.norm5"),
		called("predictions", "classifier"), called("fc1000", "classifier"),
		matches(`pool([2-4])_(conv|bn)`, func(g []string) string {
			return fmt.Sprintf("features.transition%s.%s", number(g[1], -1), map[string]string{"conv": "conv", "bn": "norm"}[g[2]])
		}),
		matches(`conv([2-5])_block(\d+)_([0-2])_(conv|bn)`, func(g []string) string {
			layer := fmt.Sprintf("features.denseblock%s.denselayer%s.", number(g[1], -1), g[2])
			if g[4] == "bn" { // 0 and 1
				return layer + "norm" + number(g[3], 1)
			}
			return layer + "conv" + g[3]
		}),
	}), nil
}

// mobilenetV2Layers knows MobileNetV2 of all widths.
func mobilenetV2Layers(entries []format.Entry) (map[string]string, error) {
	part := map[string]string{ // of an inverted residual that expands
		"expand": "0.0", "expand_BN": "0.1", "depthwise": "1.0", "depthwise_BN": "1.1", "project": "2", "project_BN": "3"}
	first := map[string]string{"depthwise": "0.0", "depthwise_BN": "0.1", "project": "1", "project_BN": "2"}
	return apply(entries, []string{"Conv1", "bn_Conv1", "expanded_conv_depthwise", "block_16_project_BN", "Conv_1"}, []rule{
		called("Conv1", "features.0.0"), called("bn_Conv1", "features.0.1"),
		called("Conv_1", "features.18.0"), called("Conv_1_bn", "features.18.1"),
		called("predictions", "classifier.1"), called("Logits", "classifier.1"),
		matches(`expanded_conv_(depthwise|project)(_BN)?`, func(g []string) string { return "features.1.conv." + first[g[1]+g[2]] }),
		matches(`block_(\d+)_(expand|depthwise|project)(_BN)?`, func(g []string) string {
			return fmt.Sprintf("features.%s.conv.%s", number(g[1], 1), part[g[2]+g[3]])
		}),
	}), nil
}

// inceptionV3Layers knows InceptionV3, whose convolutions and normalisations have no names but numbers, in the order of the code. That is
// lince's order too.
func inceptionV3Layers(entries []format.Entry) (map[string]string, error) {
	const units = 94 // of convolution and normalisation
	layers := layerNames(entries)
	convs, norms := ordered(layers, "conv2d"), ordered(layers, "batch_normalization")
	if len(convs) != units || len(norms) != units {
		return nil, nil
	}
	spec, err := models.Lookup("inception_v3")
	if err != nil {
		return nil, err
	}
	vars, err := variablesOf(spec, models.Args{Options: map[string]string{"auxiliary": "false"}})
	if err != nil {
		return nil, err
	}
	names := map[string]string{"predictions": "fc"}
	for _, v := range vars {
		if unit, ok := strings.CutSuffix(v.Name, ".conv.weight"); ok && len(convs) > 0 {
			names[convs[0]], names[norms[0]] = unit+".conv", unit+".bn"
			convs, norms = convs[1:], norms[1:]
		}
	}
	return names, nil
}
