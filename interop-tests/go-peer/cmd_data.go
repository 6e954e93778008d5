package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

func dataCommands(p *person) []*cobra.Command {
	return []*cobra.Command{
		command(p, "send", "send <who> <text>", "Send a message, and wait until it is on the other's disk", cobra.ExactArgs(2),
			named("who", "text"), printSent),
		command(p, "inbox", "inbox", "List the messages that came", cobra.NoArgs, named(), printInbox),
		command(p, "send_file", "send-file <who> <path>", "Send a file; it goes on where it broke off", cobra.ExactArgs(2),
			sentFile, printSentFile),
		command(p, "files", "files", "List the files that came", cobra.NoArgs, named(), printFiles),
		command(p, "clear", "clear <id>...", "Clear messages and files that came, which makes room for others", cobra.MinimumNArgs(1),
			func(args []string) (map[string]any, error) { return map[string]any{"ids": args}, nil }, printCleared),
		command(p, "perf", "perf <who> <upload> <download>", "Measure how long so many bytes take each way", cobra.ExactArgs(3),
			numbered("who", "upload", "download"), printPerf),
	}
}

// sentFile names the file as the agent has to, which runs elsewhere.
func sentFile(args []string) (map[string]any, error) {
	path, err := filepath.Abs(args[1])
	return map[string]any{"who": args[0], "path": path}, err
}

func printSent(w io.Writer, answer struct{ Message string }) error {
	_, err := fmt.Fprintf(w, "delivered: %s\n", answer.Message)
	return err
}

type messageLine struct {
	ID, From, Text string
}

func printInbox(w io.Writer, answer struct{ Messages []messageLine }) error {
	var rows [][]string
	for _, m := range answer.Messages {
		rows = append(rows, []string{m.ID, m.From, id.Clean(m.Text)})
	}
	return table(w, "no messages", []string{"ID", "FROM", "TEXT"}, rows)
}

func printSentFile(w io.Writer, answer struct {
	Digest       string
	Size, Micros int64
}) error {
	_, err := fmt.Fprintf(w, "delivered: %d bytes, BLAKE3 %s\n", answer.Size, answer.Digest)
	return err
}

type fileLine struct {
	ID, From, Name, Digest, Path string
	Size                         int64
}

func printFiles(w io.Writer, answer struct{ Files []fileLine }) error {
	var rows [][]string
	for _, f := range answer.Files {
		rows = append(rows, []string{f.ID, id.Clean(f.Name), strconv.FormatInt(f.Size, 10), f.From, f.Path})
	}
	return table(w, "no files", []string{"ID", "NAME", "BYTES", "FROM", "PATH"}, rows)
}

func printCleared(w io.Writer, answer struct{ Cleared int }) error {
	_, err := fmt.Fprintf(w, "cleared: %d\n", answer.Cleared)
	return err
}

func printPerf(w io.Writer, m measured) error {
	_, err := fmt.Fprintf(w, "%.3f ms\n", float64(m.Micros)/1000)
	return err
}
