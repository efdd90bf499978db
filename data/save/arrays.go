package save

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/idx"
)

// Formats of arrays have images of one size only, and neither more nor fewer sets than two.
var errSets = errors.New("this format has a training and a test set and no other, expected data with just these: `lince data split DATA OUT --val 0` makes them")

// IDX writes the four IDX files of a data set like MNIST: grey images of the size of the first, whose labels are bytes. Others are fitted to it.
func (w *Writer) IDX(out string) error {
	if w.sets.Test == nil || w.sets.Validation != nil {
		return errSets
	}
	if n := len(w.sets.Train.Classes()); n > 256 {
		return fmt.Errorf("%d classes, and labels of IDX files are bytes", n)
	}
	first, err := w.sets.Train.Sample(0)
	if err != nil {
		return err
	}
	h, wide := first.Image.H, first.Image.W
	return newFolder(out, func(dir string) error {
		for name, d := range map[string]data.Dataset{"train": w.sets.Train, "t10k": w.sets.Test} {
			images, labels := idx.Array{Dims: []int{d.Len(), h, wide}}, idx.Array{Dims: []int{d.Len()}}
			err := w.images(d, func(i int) error {
				s, err := d.Sample(i)
				if err != nil {
					return err
				}
				l, err := label(d, i)
				if err != nil {
					return err
				}
				images.Data, labels.Data = append(images.Data, fitted(s.Image, 1, h, wide).Pix...), append(labels.Data, byte(l))
				return nil
			})
			if err != nil {
				return err
			}
			for kind, a := range map[string]idx.Array{"images-idx3": images, "labels-idx1": labels} {
				if err := writeFile(filepath.Join(dir, name+"-"+kind+"-ubyte"), func(f io.Writer) error { return idx.Encode(f, a) }); err != nil {
					return err
				}
			}
		}
		names := strings.Join(w.sets.Train.Classes(), "\n") + "\n"
		return os.WriteFile(filepath.Join(dir, idx.ClassesFile), []byte(names), 0o666)
	})
}

// CIFAR writes the binary files of CIFAR-10 or CIFAR-100: images of 32x32 in colour, of 10 or 100 classes. Others are fitted to that.
func (w *Writer) CIFAR(out string) error {
	if w.sets.Test == nil || w.sets.Validation != nil {
		return errSets
	}
	train, test, names := []string{"train.bin"}, "test.bin", "fine_label_names.txt"
	n := len(w.sets.Train.Classes())
	switch n {
	case 100:
	case 10:
		train, test, names = nil, "test_batch.bin", "batches.meta.txt"
		for i := range min(5, max(1, w.sets.Train.Len()/10_000)) {
			train = append(train, fmt.Sprintf("data_batch_%d.bin", i+1))
		}
	default:
		return fmt.Errorf("%d classes, expected 10 or 100, as CIFAR's files have", n)
	}
	return newFolder(out, func(dir string) error {
		size := (w.sets.Train.Len() + len(train) - 1) / len(train)
		for k, name := range train {
			var part []int
			for i := k * size; i < min((k+1)*size, w.sets.Train.Len()); i++ {
				part = append(part, i)
			}
			if err := w.records(filepath.Join(dir, name), data.Subset(w.sets.Train, part), n == 100); err != nil {
				return err
			}
		}
		if err := w.records(filepath.Join(dir, test), w.sets.Test, n == 100); err != nil {
			return err
		}
		list := strings.Join(w.sets.Train.Classes(), "\n") + "\n"
		return os.WriteFile(filepath.Join(dir, names), []byte(list), 0o666)
	})
}

// records writes the images of d with their labels, after a coarse label of 0 if there are to be two.
func (w *Writer) records(path string, d data.Dataset, two bool) error {
	return writeFile(path, func(f io.Writer) error {
		return w.images(d, func(i int) error {
			s, err := d.Sample(i)
			if err != nil {
				return err
			}
			l, err := label(d, i)
			if err != nil {
				return err
			}
			head := []byte{0, byte(l)}
			if !two {
				head = head[1:]
			}
			_, err1 := f.Write(head)
			_, err2 := f.Write(fitted(s.Image, 3, 32, 32).Pix)
			return cmp.Or(err1, err2)
		})
	})
}

// fitted returns im with c planes of h x w.
func fitted(im data.Image, c, h, w int) data.Image {
	if im.C == c && im.H == h && im.W == w {
		return im
	}
	return data.FromImage(im.Picture(), c, h, w)
}

func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	b := bufio.NewWriterSize(f, 1<<20)
	if err := write(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	return f.Close()
}
