package train

import "github.com/lince-ml/lince/data"

// Transform returns what varies an image, which is h x w afterwards, as a training does, but for MixUp and CutMix, which take more than one image. seed is that of the training.
func (a Augment) Transform(h, w int, seed uint64) (data.Transform, error) {
	list, err := a.transforms(h, w, seed)
	return data.Compose(list...), err
}
