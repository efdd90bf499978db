package lince

import (
	"math"
	"slices"

	"github.com/lince-ml/lince/data"
)

// leastContrast is how far the ink must differ from the paper, 0 to 1; less is an empty sheet.
const leastContrast = 0.1

// stretch gives a grey image the contrast of the training images, whose border has the brightness want: its own border, the paper,
// becomes as bright as that, and the ink white, or black if the paper is light. Pencil on grey paper thus becomes what a scan of ink
// is; an image that has full contrast stays as it is.
func stretch(im data.Image, want float64) {
	paper, ink, end := borderBrightness(im), float64(slices.Max(im.Pix))/255, 1.0
	if want > 0.5 {
		ink, end = float64(slices.Min(im.Pix))/255, 0
	}
	if math.Abs(ink-paper) < leastContrast {
		return
	}
	for i, p := range im.Pix {
		v := want + (float64(p)/255-paper)*(end-want)/(ink-paper)
		im.Pix[i] = uint8(math.Round(255 * min(max(v, 0), 1)))
	}
}
