package onnx

import "strings"

// unsupported says why operators of the default domain are not supported.
var unsupported = reasons(map[string]string{
	"control flow":    "Loop Scan",
	"sequences":       "ConcatFromSequence SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap SplitToSequence",
	"optional values": "Optional OptionalGetElement OptionalHasElement",
	"strings":         "RegexFullMatch StringConcat StringNormalizer StringSplit TfIdfVectorizer",
	"random numbers":  "Bernoulli Multinomial RandomNormal RandomNormalLike RandomUniform RandomUniformLike",
	"the shape of the result depends on values":                  "NonMaxSuppression Unique",
	"regions are rounded to whole pixels; RoiAlign is supported": "MaxRoiPool",
	"recurrent networks":      "GRU LSTM RNN",
	"signal processing":       "DFT MelWeightMatrix STFT",
	"linear algebra":          "Det",
	"decoding of image files": "ImageDecoder",
})

// reasons turns lists of operators by reason into reasons by operator.
func reasons(lists map[string]string) map[string]string {
	byName := map[string]string{}
	for reason, names := range lists {
		for _, name := range strings.Fields(names) {
			byName[name] = reason
		}
	}
	return byName
}
