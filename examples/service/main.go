// Service answers HTTP requests with what a model sees in a picture:
//
//	go run ./examples/service runs/mnist-lenet5-1
//	curl --data-binary @seven.png localhost:8080
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"

	"github.com/lince-ml/lince"
	"github.com/lince-ml/lince/data"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: service MODEL, a run folder or a model file")
	}
	m, err := lince.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	log.Print("listening on localhost:8080")
	log.Fatal(http.ListenAndServe("localhost:8080", handler(m)))
}

// maxBytes is the largest picture that is accepted.
const maxBytes = 10 << 20

// handler returns what answers a picture with the three most probable classes, as JSON. The model serves all requests, also at the
// same time.
func handler(m *lince.Model) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		prepared, _, err := m.Read(http.MaxBytesReader(w, r.Body, maxBytes), 0)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		all, err := m.ClassifyPrepared(r.Context(), []data.Image{prepared})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(all[0][:min(3, len(all[0]))])
	})
}
