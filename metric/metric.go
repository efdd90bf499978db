// Package metric measures classifiers: how often they are right, how well they rank, how far their probabilities can be trusted, and how
// sure one may be of that. It computes in float64 from labels and probabilities, and knows neither networks nor images.
//
// Probabilities are row-major, a row of as many numbers as there are classes for each image; labels are indices of classes. Where a
// quantity is not defined, such as the area under the curve of a class without images, it is NaN.
package metric

// TopK returns the share of the images whose label is among the k most probable classes. Of equally probable classes the first counts as
// the more probable.
func TopK(probabilities []float32, classes int, labels []int, k int) float64 {
	hits := 0
	for i, label := range labels {
		row, before := probabilities[i*classes:(i+1)*classes], 0
		for c, p := range row {
			if p > row[label] || p == row[label] && c < label {
				before++
			}
		}
		if before < k {
			hits++
		}
	}
	return float64(hits) / float64(len(labels))
}

// Largest returns the place of the first largest element of row.
func Largest(row []float32) int {
	best := 0
	for i, p := range row {
		if p > row[best] {
			best = i
		}
	}
	return best
}
