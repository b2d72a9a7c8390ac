package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/go-belleville/belleville/core/database"
)

// sqlMain is a program that runs its arguments as SQL on the database of DATABASE_URL and prints
// the rows that come back. An argument @name is a file.
func sqlMain() {
	for _, text := range os.Args[1:] {
		if err := runSQL(context.Background(), text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func runSQL(ctx context.Context, text string) error {
	if name, ok := strings.CutPrefix(text, "@"); ok {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		text = string(b)
	}
	db, err := database.Open(os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	defer db.Close()
	if !strings.HasPrefix(text, "SELECT") {
		_, err := db.ExecContext(ctx, text)
		return err
	}
	var rows []string
	if err := db.NewRaw(text).Scan(ctx, &rows); err != nil {
		return err
	}
	for _, row := range rows {
		fmt.Println(row)
	}
	return nil
}
