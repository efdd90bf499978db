module github.com/lince-ml/lince

go 1.26
