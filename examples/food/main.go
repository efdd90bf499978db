// Food draws a data set for a first exercise on photographs: dishes in 4 to 6 pictures each, and a list that says which are healthy. Salads, vegetables
// and fruit are; burgers, chips and pizza are not. Colours alone do not tell: burgers have lettuce, pizza has green peppers, salads have bread,
// and plates, tables and light are of all kinds.
//
//	go run ./examples/food food/
//	lince train 'items:food/trn.csv?item=item&label=healthy' --model cnn3 --loss bce --out runs/food
//	lince predict runs/food food/new --grid grid.png
package main

import (
	"encoding/csv"
	"fmt"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
)

const usage = "usage: food DIR, a folder that does not exist yet: it gets trn.csv, a folder of pictures for each dish, and new/ with pictures of other dishes"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	if err := write(os.Args[1], 120, 18); err != nil {
		fmt.Fprintln(os.Stderr, "food:", err)
		os.Exit(1)
	}
}

// write draws n dishes for trn.csv and one picture each of further dishes for new/.
func write(dir string, n, further int) error {
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, "new"), 0o777); err != nil {
		return err
	}
	rows := [][]string{{"item", "healthy", "kind"}}
	for i := range n + further {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		kind := kinds[i%len(kinds)]
		d := newDish(r, kind)
		if i >= n {
			if err := save(filepath.Join(dir, "new", fmt.Sprintf("%s-%d.jpg", kind.name, i-n+1)), d, r); err != nil {
				return err
			}
			continue
		}
		item := fmt.Sprintf("dish-%03d", i+1)
		if err := os.Mkdir(filepath.Join(dir, item), 0o777); err != nil {
			return err
		}
		for k := range 4 + r.IntN(3) {
			if err := save(filepath.Join(dir, item, fmt.Sprintf("%d.jpg", k+1)), d, r); err != nil {
				return err
			}
		}
		rows = append(rows, []string{item, kind.healthy, kind.name})
	}
	return writeList(filepath.Join(dir, "trn.csv"), rows)
}

func writeList(path string, rows [][]string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := csv.NewWriter(f).WriteAll(rows); err != nil {
		return err
	}
	return f.Close()
}

// save writes a photograph of the dish to the JPEG file at path.
func save(path string, d dish, r *rand.Rand) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := jpeg.Encode(f, d.photograph(r), &jpeg.Options{Quality: 88}); err != nil {
		return err
	}
	return f.Close()
}
