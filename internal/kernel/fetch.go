package kernel

// A fetcher names the memory that register tiles fetch into the cache while they multiply: regions that will be needed next. Products
// keep the processor busy and leave the memory idle, what comes before and after them does the opposite; with a fetcher the two overlap.
type fetcher struct {
	regions [2][]float32
	none    *float32 // any address, to fetch when there is nothing left
}

const (
	fetchFloats = 64              // values that a register tile fetches for each four channels
	fetchStep   = 4 * fetchFloats // in bytes
)

// add lets the fetcher go through s too. It holds two regions at most.
func (f *fetcher) add(s []float32) {
	if len(f.regions[0]) == 0 {
		f.regions[0] = s
		return
	}
	f.regions[1] = s
}

// next returns from where a tile of so many channels in all is to fetch, and at which pace.
func (f *fetcher) next(channels int) (ahead *float32, pace int) {
	if len(f.regions[0]) == 0 {
		f.regions[0], f.regions[1] = f.regions[1], nil
		if len(f.regions[0]) == 0 {
			return f.none, 0
		}
	}
	r := f.regions[0]
	f.regions[0] = r[min(channels/4*fetchFloats, len(r)):]
	return &r[0], fetchStep
}
