// Reads feeds with gofeed, and prints what it found as JSON: main URL...
// The fields are those of read_python.py.
package main

import (
	"encoding/json"
	"os"
	"time"

	"github.com/mmcdole/gofeed"
)

type entry struct {
	Title      string     `json:"title"`
	Link       string     `json:"link"`
	Date       *time.Time `json:"date"`
	Authors    []string   `json:"authors"`
	Categories []string   `json:"categories"`
	Content    string     `json:"content"`
}

type answer struct {
	Error    string  `json:"error,omitempty"`
	Language string  `json:"language"`
	Entries  []entry `json:"entries"`
}

func main() {
	found := []answer{}
	for _, url := range os.Args[1:] {
		feed, err := gofeed.NewParser().ParseURL(url)
		if err != nil {
			found = append(found, answer{Error: err.Error()})
			continue
		}
		one := answer{Language: feed.Language}
		for _, item := range feed.Items {
			date := item.PublishedParsed
			if date == nil {
				date = item.UpdatedParsed
			}
			authors := []string{}
			if item.Author != nil {
				authors = append(authors, item.Author.Name)
			}
			one.Entries = append(one.Entries, entry{item.Title, item.Link, date, authors, item.Categories, item.Content})
		}
		found = append(found, one)
	}
	json.NewEncoder(os.Stdout).Encode(found)
}
