package data

import "math/rand/v2"

// A View is one of several ways to look at an image when it is classified: the probabilities of all views, times their weights, are added up. It is what
// the field calls test-time augmentation. The weights of a list add up to 1.
type View struct {
	Weight    float64
	Transform Transform
}

// equalViews returns the views of equal weight of list.
func equalViews(list ...Transform) []View {
	views := make([]View, len(list))
	for i, t := range list {
		views[i] = View{1 / float64(len(list)), t}
	}
	return views
}

// FlipViews are the image and its mirror image.
func FlipViews() []View { return equalViews(Compose(), Flip()) }

// ShiftViews are FlipViews, and both also shifted by n pixels to the upper left and the lower right, which together weigh as much (Jordan 2024, "94% on
// CIFAR-10 in 3.29 Seconds on a Single GPU", section 3.5, with n = 1).
func ShiftViews(n int) []View {
	var views []View
	for _, v := range FlipViews() {
		views = append(views,
			View{v.Weight / 2, v.Transform},
			View{v.Weight / 4, Compose(Shift(-n, -n, Reflect), v.Transform)},
			View{v.Weight / 4, Compose(Shift(n, n, Reflect), v.Transform)},
		)
	}
	return views
}

// FiveCrops are the h x w pixels in the corners and in the middle of a larger image.
func FiveCrops(h, w int) []View { return equalViews(fiveCrops(h, w)...) }

// TenCrops are FiveCrops and their mirror images (Krizhevsky, Sutskever and Hinton 2012, "ImageNet Classification with Deep Convolutional Neural
// Networks", section 4.1).
func TenCrops(h, w int) []View {
	crops := fiveCrops(h, w)
	for _, t := range crops {
		crops = append(crops, Compose(t, Flip()))
	}
	return equalViews(crops...)
}

func fiveCrops(h, w int) []Transform {
	corner := func(bottom, right int) Transform {
		return func(_ *rand.Rand, s Sample) Sample {
			s.window(bottom*(s.Image.H-h), right*(s.Image.W-w), h, w, Black)
			return s
		}
	}
	return []Transform{corner(0, 0), corner(0, 1), corner(1, 0), corner(1, 1), CenterCrop(h, w)}
}
