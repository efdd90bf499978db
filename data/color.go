package data

import (
	"math/rand/v2"
	"slices"
)

// recolor returns the Transform that lets f change a copy of the image.
func recolor(f func(Image)) Transform {
	return func(_ *rand.Rand, s Sample) Sample {
		s.Image.Pix = slices.Clone(s.Image.Pix)
		f(s.Image)
		return s
	}
}

// Sometimes is t for the share p of the images, by chance.
func Sometimes(p float64, t Transform) Transform {
	return func(r *rand.Rand, s Sample) Sample {
		if r.Float64() < p {
			return t(r, s)
		}
		return s
	}
}

// Brightness multiplies each pixel: by 0 it is black, by 1 as it was.
func Brightness(factor float64) Transform { return recolor(func(im Image) { im.brightness(factor) }) }

// Contrast multiplies the distance of each pixel to the mean grey of the image.
func Contrast(factor float64) Transform { return recolor(func(im Image) { im.contrast(factor) }) }

// Saturation multiplies the distance of each pixel to its own grey: by 0 the image is grey, by 1 as it was.
func Saturation(factor float64) Transform { return recolor(func(im Image) { im.saturation(factor) }) }

// Hue turns each colour on the wheel of hues by a share of a full turn, -0.5 to 0.5. Grey stays grey.
func Hue(turn float64) Transform { return recolor(func(im Image) { im.hue(turn) }) }

// Grey makes the image grey, in as many planes as it has.
func Grey() Transform { return recolor(func(im Image) { im.saturation(0) }) }

// Invert makes a negative.
func Invert() Transform { return recolor(Image.invert) }

// Posterize keeps the given number of high bits of each pixel, 0 to 8.
func Posterize(bits int) Transform { return recolor(func(im Image) { im.posterize(bits) }) }

// Solarize makes a negative of the pixels that are at least threshold, 0 to 255.
func Solarize(threshold float64) Transform { return recolor(func(im Image) { im.solarize(threshold) }) }

// AutoContrast stretches each plane so that its darkest pixel is black and its brightest 255.
func AutoContrast() Transform { return recolor(Image.autoContrast) }

// Equalize changes the pixels of each plane, in their order of brightness, so that all brightnesses are about as frequent, as Pillow does it.
func Equalize() Transform { return recolor(Image.equalize) }

// A Jitter varies brightness, contrast, saturation and hue, in random order, as torchvision's ColorJitter. Factors are drawn evenly from
// 1-x to 1+x, at least 0, and the turn of the hue from -Hue to Hue. Its Apply is a Transform.
type Jitter struct {
	Brightness, Contrast, Saturation float64
	Hue                              float64 // at most 0.5
}

// Apply returns a variation of s.
func (j Jitter) Apply(r *rand.Rand, s Sample) Sample {
	im := s.Image
	im.Pix = slices.Clone(im.Pix)
	order := [4]int{0, 1, 2, 3}
	r.Shuffle(4, func(i, k int) { order[i], order[k] = order[k], order[i] })
	factor := func(x float64) float64 { return max(0, 1+x*(2*r.Float64()-1)) }
	brightness, contrast, saturation := factor(j.Brightness), factor(j.Contrast), factor(j.Saturation)
	turn := j.Hue * (2*r.Float64() - 1)
	for _, what := range order {
		switch {
		case what == 0 && j.Brightness != 0:
			im.brightness(brightness)
		case what == 1 && j.Contrast != 0:
			im.contrast(contrast)
		case what == 2 && j.Saturation != 0:
			im.saturation(saturation)
		case what == 3 && j.Hue != 0:
			im.hue(turn)
		}
	}
	s.Image = im
	return s
}

// What follows changes an image in place, and is held to torchvision's functions of the same names by golden values.

// A tone says what each brightness becomes.
type tone [256]uint8

func (t *tone) apply(pix []uint8) {
	for i, p := range pix {
		pix[i] = t[p]
	}
}

func (im Image) brightness(factor float64) {
	var t tone
	for i := range t {
		t[i] = clamped(float64(i) * factor)
	}
	t.apply(im.Pix)
}

func (im Image) contrast(factor float64) {
	mean := im.meanGrey()
	var t tone
	for i := range t {
		t[i] = clamped(float64(i)*factor + mean*(1-factor))
	}
	t.apply(im.Pix)
}

func (im Image) invert() { im.solarize(0) }

func (im Image) posterize(bits int) {
	mask := ^uint8(0) << (8 - bits)
	for i := range im.Pix {
		im.Pix[i] &= mask
	}
}

func (im Image) solarize(threshold float64) {
	var t tone
	for i := range t {
		t[i] = uint8(i)
		if float64(i) >= threshold {
			t[i] = ^t[i]
		}
	}
	t.apply(im.Pix)
}

func (im Image) autoContrast() {
	for c := range im.C {
		plane := im.plane(c)
		low, high := slices.Min(plane), slices.Max(plane)
		if low == high {
			continue
		}
		var t tone
		for i := int(low); i <= int(high); i++ {
			t[i] = clamped(float64(i-int(low)) * 255 / float64(high-low))
		}
		t.apply(plane)
	}
}

func (im Image) equalize() {
	for c := range im.C {
		plane := im.plane(c)
		var count [256]int
		for _, p := range plane {
			count[p]++
		}
		brightest := 255
		for brightest > 0 && count[brightest] == 0 {
			brightest--
		}
		step := (len(plane) - count[brightest]) / 255
		if step == 0 {
			continue
		}
		var t tone
		darker := step / 2
		for i := range t {
			t[i] = uint8(min(255, darker/step))
			darker += count[i]
		}
		t.apply(plane)
	}
}

// clamped returns the whole part of v, 0 to 255.
func clamped(v float64) uint8 { return uint8(max(0, min(255, v))) }

// grey returns the luma of ITU-R BT.601, whose weights are 0.299, 0.587 and 0.114.
func grey(r, g, b uint8) int32 {
	return (int32(r)*19595 + int32(g)*38470 + int32(b)*7471) >> 16
}

// meanGrey returns the mean brightness.
func (im Image) meanGrey() float64 {
	var sum int64
	if im.C == 3 {
		red, green, blue := im.plane(0), im.plane(1), im.plane(2)
		for i, r := range red {
			sum += int64(grey(r, green[i], blue[i]))
		}
		return float64(sum) / float64(len(red))
	}
	for _, p := range im.Pix {
		sum += int64(p)
	}
	return float64(sum) / float64(len(im.Pix))
}

// saturation does nothing to an image that has not three planes.
func (im Image) saturation(factor float64) {
	if im.C != 3 {
		return
	}
	red, green, blue := im.plane(0), im.plane(1), im.plane(2)
	f := sixteenth(factor)
	for i, r := range red {
		g, b := green[i], blue[i]
		luma := grey(r, g, b)
		red[i], green[i], blue[i] = away(luma, r, f), away(luma, g, f), away(luma, b, f)
	}
}

// sixteenth returns factor times 2^16. Factors beyond 64 count as 64, so that products with pixels do not overflow.
func sixteenth(factor float64) int32 { return int32(max(0, min(64, factor))*(1<<16) + 0.5) }

// away returns luma plus f/2^16 times the distance from there to p, 0 to 255.
func away(luma int32, p uint8, f int32) uint8 {
	return uint8(max(0, min(255, luma+((int32(p)-luma)*f)>>16)))
}

// reciprocals holds 1/1 to 1/255.
var reciprocals = func() (r [256]float32) {
	for i := 1; i < len(r); i++ {
		r[i] = 1 / float32(i)
	}
	return r
}()

// hue does nothing to an image that has not three planes. In the model HSV a colour has its largest part (the value), its smallest, and one
// in between: turning the hue keeps the first two, and says which is which and where the third lies.
func (im Image) hue(turn float64) {
	if im.C != 3 {
		return
	}
	red, green, blue := im.plane(0), im.plane(1), im.plane(2)
	sixths := float32(6 * turn)
	if sixths < 0 {
		sixths += 6
	}
	for i, r := range red {
		g, b := green[i], blue[i]
		high, low := max(r, g, b), min(r, g, b)
		if high == low {
			continue
		}
		h := sixths + hueOf(r, g, b, high, reciprocals[high-low])
		if h >= 6 {
			h -= 6
		}
		sector := int(h)
		within := (h - float32(sector)) * float32(high-low)
		if sector&1 == 1 {
			within = float32(high-low) - within
		}
		mid := low + uint8(within+0.5)
		switch sector {
		case 0:
			r, g, b = high, mid, low
		case 1:
			r, g, b = mid, high, low
		case 2:
			r, g, b = low, high, mid
		case 3:
			r, g, b = low, mid, high
		case 4:
			r, g, b = mid, low, high
		default:
			r, g, b = high, low, mid
		}
		red[i], green[i], blue[i] = r, g, b
	}
}

// hueOf returns the hue in sixths of a turn, 0 to 6. high is the largest of r, g and b, and inverse is one over its distance to the smallest.
func hueOf(r, g, b, high uint8, inverse float32) float32 {
	switch {
	case high == r && g < b:
		return 6 - float32(b-g)*inverse
	case high == r:
		return float32(g-b) * inverse
	case high == g:
		return 2 + (float32(b)-float32(r))*inverse
	default:
		return 4 + (float32(r)-float32(g))*inverse
	}
}
