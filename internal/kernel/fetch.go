package kernel

// Ahead is memory that will be read or written soon after a convolution is done: what becomes of its result. Empty slices mean nothing.
type Ahead [4][]float32

// A fetcher names the memory that register tiles fetch into the cache while they multiply: regions that will be needed next. Products
// keep the processor busy and leave the memory idle, what comes before and after them does the opposite; with a fetcher the two overlap.
type fetcher struct {
	regions [6][]float32
	n       int      // regions
	none    *float32 // any address, to fetch when there is nothing left
}

const (
	fetchFloats = 64              // values that a register tile fetches for each four channels
	fetchStep   = 4 * fetchFloats // in bytes
)

// add lets the fetcher go through s first.
func (f *fetcher) add(s []float32) {
	if len(s) > 0 {
		f.regions[f.n] = s
		f.n++
	}
}

func (f *fetcher) addAll(a Ahead) {
	for _, s := range a {
		f.add(s)
	}
}

// next returns from where a tile of so many channels in all is to fetch, and at which pace.
func (f *fetcher) next(channels int) (ahead *float32, pace int) {
	if f.n == 0 {
		return f.none, 0
	}
	r := f.regions[f.n-1]
	ahead = &r[0]
	if r = r[min(channels/4*fetchFloats, len(r)):]; len(r) == 0 {
		f.n--
	} else {
		f.regions[f.n-1] = r
	}
	return ahead, fetchStep
}
